import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { CrateInputs, CrateRecord } from '../artifacts';
import { isCode } from './atomic-file';
import { sessionNameOf } from './incremental-session';

/** Clocks of file systems are this coarse at most. */
const GRAIN_MS = 20;

export interface CompileOf {
  /** The first line of `rustc -vV` and all after it. */
  readonly toolchain: string;
  readonly sources: readonly string[];
  /** Names of the variables that it reads. */
  readonly envDeps: readonly string[];
  /** Those that it names, and native ones that become part of it. */
  readonly libraries: readonly { readonly path: string }[];
}

/**
 * What a compile depends on, by content.
 *
 * @param since milliseconds since 1970: when rustc started
 * @param before digests of files as they were just then, of whatever files: of these the clock need not tell
 * @returns null when a source was saved since: nobody knows which text rustc has read
 */
export function crateInputs(
  of: CompileOf,
  env: NodeJS.ProcessEnv,
  since: number,
  before: Readonly<Record<string, string>> = {},
): CrateInputs | null {
  const saved = (file: string) => (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) + GRAIN_MS;
  const isSame = (file: string) => Object.hasOwn(before, file) && before[file] === digestOf(file);
  if (of.sources.some((file) => saved(file) >= since && !isSame(file))) return null;
  const digests = (files: readonly string[]) =>
    Object.fromEntries(files.map((file) => [file, digestOf(file) ?? '']));
  return {
    toolchain: digestOfText(of.toolchain),
    sources: digests(of.sources),
    environment: Object.fromEntries(of.envDeps.map((name) => [name, valueDigest(env[name])])),
    externs: Object.fromEntries(
      of.libraries.map(({ path: file }) => [file, digestOf(metadataOf(file)) ?? '']),
    ),
  };
}

/**
 * Says what differs now from what it was; undefined when nothing does.
 *
 * @param made whether a file that is not there will be put there as it was
 */
export function changedInput(
  inputs: CrateInputs,
  toolchain: string,
  env: NodeJS.ProcessEnv,
  made: (file: string) => boolean = () => false,
): string | undefined {
  if (inputs.toolchain !== digestOfText(toolchain)) return 'the Rust toolchain';
  const differs = ([file, digest]: [string, string]) => {
    const present = digestOf(file);
    return present !== digest && !(present === undefined && made(file));
  };
  const source = Object.entries(inputs.sources).find(differs);
  if (source) return source[0];
  const variable = Object.entries(inputs.environment).find(
    ([name, value]) => valueDigest(env[name]) !== value,
  );
  return variable && `the variable ${variable[0]}`;
}

/** The same for two compiles of a crate from the same texts, variables and native libraries; what they depend on has keys of its own. */
export function compileKey({ inputs, state }: Pick<CrateRecord, 'inputs' | 'state'>): string {
  if (inputs === null) return sessionNameOf(state);
  const native = Object.entries(inputs.externs).filter(([file]) => file.endsWith('.a'));
  const own = [...Object.entries({ ...inputs.sources, ...inputs.environment }), ...native];
  return digestOfText(JSON.stringify(own.sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** A crate is compiled from what others say about themselves, which stands in their `.rmeta` too, if there is one. */
export function metadataOf(library: string): string {
  const metadata = library.replace(/\.rlib$/, '.rmeta');
  return statSync(metadata, { throwIfNoEntry: false }) ? metadata : library;
}

/** SHA-256 in hex; undefined when there is no such file. */
export function digestOf(file: string): string | undefined {
  try {
    return digestOfBytes(readFileSync(file));
  } catch (error) {
    if (isCode(error, 'ENOENT', 'EISDIR', 'ENOTDIR')) return undefined;
    throw error;
  }
}

export function digestOfText(text: string): string {
  return digestOfBytes(Buffer.from(text));
}

export function digestOfBytes(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Variables can be secrets. */
export function valueDigest(value: string | undefined): string | null {
  return value === undefined ? null : digestOfText(value);
}
