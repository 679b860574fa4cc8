import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fromSamePath } from './same-path';

/** What a crate was made from, as rustc says in its `.d` file. */
export interface DepInfo {
  /** Absolute paths: sources, `include!`, `include_str!` and `include_bytes!` files. */
  readonly sources: readonly string[];
  /** Names of the variables read by `env!` and `option_env!`. */
  readonly envDeps: readonly string[];
  /** Their values; undefined for one that was not set. */
  readonly values: readonly (readonly [name: string, value: string | undefined])[];
}

/**
 * @param cwd the folder in which rustc ran: paths are relative to it
 * @param samePath the folder that lay at `SAME_PATH`
 * @throws ENOENT when there is no such file
 */
export function readDepInfo(file: string, cwd: string, samePath: string | null = null): DepInfo {
  const text = readFileSync(file, 'utf8');
  return parseDepInfo(samePath === null ? text : fromSamePath(text, samePath), cwd);
}

/**
 * A Makefile: `output: source source ...` for each output, `source:` for each source, then
 * `# env-dep:NAME=value`. Spaces in paths are written `\ `.
 */
export function parseDepInfo(text: string, cwd: string): DepInfo {
  const sources = new Set<string>();
  const values = new Map<string, string | undefined>();
  for (const line of text.split('\n')) {
    const variable = /^# env-dep:([^=]*)(?:=(.*))?$/s.exec(line);
    if (variable) values.set(variable[1] ?? '', variable[2] && unescaped(variable[2]));
    // The lines with the outputs repeat what the `source:` lines say one by one.
    else if (!line.startsWith('#') && line.endsWith(':'))
      sources.add(path.resolve(cwd, line.slice(0, -1).replaceAll('\\ ', ' ')));
  }
  return { sources: [...sources], envDeps: [...values.keys()], values: [...values] };
}

/** rustc writes line ends and backslashes so that a line stays one (`rustc_interface::passes::escape_dep_env`). */
function unescaped(value: string): string {
  const meanings: Readonly<Record<string, string>> = { n: '\n', r: '\r', '\\': '\\' };
  return value.replaceAll(/\\([nr\\])/g, (_, letter: string) => meanings[letter] ?? letter);
}
