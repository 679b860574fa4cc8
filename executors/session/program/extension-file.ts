import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';

/** By which crate a library is an extension of a language, and where its host looks for the file. */
const LANGUAGES = [
  { crate: 'napi', file: nodeAddon },
  { crate: 'pyo3', file: pythonModule },
] as const;

/**
 * The file that the host of a library loads, in the package's folder: what the packaging tool of the language would make
 * of it, and `<crate>.node` or `<crate>.so` for a package that no such tool is set up for. Undefined for a library that is
 * no extension.
 *
 * @param folder of the Cargo package
 * @param crate its name as rustc knows it
 * @param externs names of the crates that it names
 */
export function extensionFile(folder: string, crate: string, externs: readonly string[]): string | undefined {
  const language = LANGUAGES.find((each) => externs.includes(each.crate));
  return language === undefined ? undefined : join(folder, language.file(folder, crate));
}

/** `napi build --platform` names it so, and the loader that it writes looks there (https://napi.rs/docs/cli/napi-config). */
function nodeAddon(folder: string, crate: string): string {
  const napi = at(read(join(folder, 'package.json'), JSON.parse), 'napi');
  if (napi === undefined) return `${crate}.node`;
  // `name` is what version 2 of its command line calls it.
  const name = textAt(napi, 'binaryName') ?? textAt(napi, 'name') ?? 'index';
  return `${name}.linux-x64-gnu.node`;
}

/** maturin's layouts (https://www.maturin.rs/project_layout): the module alone, or inside of a Python package. */
function pythonModule(folder: string, crate: string): string {
  const maturin = at(at(read(join(folder, 'pyproject.toml'), parse), 'tool'), 'maturin');
  const module = (textAt(maturin, 'module-name') ?? crate).split('.');
  const isPackage = (source: string) => existsSync(join(folder, source, module[0] ?? '', '__init__.py'));
  const source = textAt(maturin, 'python-source') ?? (isPackage('src') ? 'src' : '');
  const inside = module.length === 1 && isPackage(source) ? module : [];
  return `${join(source, ...inside, ...module)}.so`;
}

/** Undefined for a file that is not there, or that its own tool could not read either. */
function read(file: string, parseText: (text: string) => unknown): unknown {
  try {
    return parseText(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function textAt(value: unknown, key: string): string | undefined {
  const found = at(value, key);
  return typeof found === 'string' ? found : undefined;
}
