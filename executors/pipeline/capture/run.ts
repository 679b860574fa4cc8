import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Reason } from '../artifacts';
import { namesIn, writeWhole } from './atomic-file';
import type { HotpatchFolder } from './hotpatch-folder';
import type { SamePath } from './same-path';
import type { Toolchain } from './toolchain';

/** What a capture tells its wrappers, which cargo and rustc start. It travels as a file named by `NX_HOTPATCH_RUN`. */
export interface Run {
  /** The process that captures, and whose session will compile. */
  readonly pid: number;
  readonly targetDir: string;
  /** Cargo's name of the profile. */
  readonly profile: string;
  /** Folder of the wrappers' shell scripts. */
  readonly bin: string;
  /** Absolute path of the loader library. */
  readonly loader: string;
  /** Absolute path of the object that announces a shared library to the loader. */
  readonly announcement: string;
  /** How rustc is run so that its outputs serve every clone. */
  readonly samePath: SamePath | null;
  readonly toolchain: Toolchain;
  /** The store's folder from which crates from elsewhere are taken; null when cargo finds them by itself. */
  readonly thirdParty: string | null;
  /** The user's own `RUSTC_WORKSPACE_WRAPPER`. */
  readonly userWrapper: string | null;
  /** SHA-256 of each variable of cargo's environment: to tell what cargo added, without putting secrets on disk. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Variables by which capture, wrappers and shell scripts find each other. */
export const RUN_FILE = 'NX_HOTPATCH_RUN';
export const NODE = 'NX_HOTPATCH_NODE';
export const WRAPPERS = 'NX_HOTPATCH_WRAPPERS';
export const USER_RUSTC_WRAPPER = 'NX_HOTPATCH_USER_RUSTC_WRAPPER';
export const USER_LINKER = 'NX_HOTPATCH_USER_LINKER';
export const CRATE = 'NX_HOTPATCH_CRATE';
/** JSON `[[name, real folder], ...]`: how rustc was told to name folders, and what they are. */
export const REAL_FOLDERS = 'NX_HOTPATCH_REAL_FOLDERS';

/** @returns the path of the run's file */
export function beginRun(folder: HotpatchFolder, run: Run): string {
  const file = path.join(folder.runs, `${run.pid}-${randomBytes(6).toString('hex')}`, 'run.json');
  writeWhole(file, JSON.stringify(run), 0o600);
  return file;
}

export function readRun(file: string): Run {
  return JSON.parse(readFileSync(file, 'utf8')) as Run;
}

export function endRun(file: string): void {
  rmSync(path.dirname(file), { recursive: true, force: true });
}

/** A wrapper says why the build must fail. cargo shows the wrapper's error output; the capture reads the reason. */
export function refuse(file: string, reason: Reason): void {
  appendFileSync(path.join(path.dirname(file), 'refusals'), `${JSON.stringify(reason)}\n`);
}

export function refusals(file: string): readonly Reason[] {
  const folder = path.dirname(file);
  if (!namesIn(folder).includes('refusals')) return [];
  const lines = readFileSync(path.join(folder, 'refusals'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Reason);
}

export function digestEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, digest(value ?? '')]));
}

/**
 * What cargo set for this crate. Left out: the job server (its file descriptors end with cargo), our own variables, and
 * the PATH, to which rustup adds its own folder: a replay, maybe in another clone, has that clone's.
 */
export function addedEnvironment(
  env: NodeJS.ProcessEnv,
  before: Readonly<Record<string, string>>,
): Record<string, string> {
  const added = Object.entries(env).filter(
    ([name, value]) =>
      !/^(CARGO_MAKEFLAGS|MAKEFLAGS|MFLAGS|NX_HOTPATCH_.*|_|SHLVL|PWD|OLDPWD|PATH)$/.test(name) &&
      before[name] !== digest(value ?? ''),
  );
  return Object.fromEntries(added) as Record<string, string>;
}

function digest(value: string): string {
  return createHash('sha256').update(value).digest('hex');
}
