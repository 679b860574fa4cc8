import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fromSamePath } from './same-path';

/** What a crate was made from, as rustc says in its `.d` file. */
export interface DepInfo {
  /** Absolute paths: sources, `include!`, `include_str!` and `include_bytes!` files. */
  readonly sources: readonly string[];
  /** Names of the variables read by `env!` and `option_env!`. */
  readonly envDeps: readonly string[];
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
  const envDeps = new Set<string>();
  for (const line of text.split('\n')) {
    if (line.startsWith('# env-dep:')) envDeps.add(line.slice('# env-dep:'.length).split('=')[0] ?? '');
    // The lines with the outputs repeat what the `source:` lines say one by one.
    else if (!line.startsWith('#') && line.endsWith(':'))
      sources.add(path.resolve(cwd, line.slice(0, -1).replaceAll('\\ ', ' ')));
  }
  return { sources: [...sources], envDeps: [...envDeps] };
}
