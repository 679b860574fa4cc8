import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';

/**
 * Where rustc finds the workspace, and the linker the loader, in every clone. rustc throws an incremental state away
 * when its working folder is another, and writes that folder into debug information; and the image names the loader by
 * its path. With one path everywhere, what a colleague compiled is what would be compiled here.
 *
 * So that rustc and cargo see it, they run in a mount namespace of their own (`native/same-path`). Where these paths
 * end up in an image or a patch, the real ones are written over them (`localise`), so they are as long as a real path
 * may be.
 */
const LENGTH = 120;
export const SAME_PATH = '/nx-hotpatch/workspace'.padEnd(LENGTH, '_');
export const LOADER_PATH = '/nx-hotpatch/loader'.padEnd(LENGTH, '_');

/** How to run something in such a namespace. Paths are absolute. */
export interface SamePath {
  /** The program that enters it. */
  readonly program: string;
  /** The folder that lies at `SAME_PATH`. */
  readonly folder: string;
  /** An empty folder. */
  readonly mountpoint: string;
}

/**
 * @param folders what has to lie in `folder`
 * @returns undefined where the system does not allow it, or paths are too long to be written over the same one
 */
export function samePath(
  program: string,
  folder: string,
  mountpoint: string,
  folders: readonly string[],
  loader: string,
): SamePath | undefined {
  if (!folders.every((each) => isWithin(each, folder))) return undefined;
  if (!fits(folder) || !fits(path.dirname(loader))) return undefined;
  mkdirSync(mountpoint, { recursive: true });
  const end = spawnSync(program, [mountpoint, folder, SAME_PATH], { stdio: 'ignore' });
  return end.status === 0 ? { program, folder, mountpoint } : undefined;
}

/** The command in the namespace, with its working folder below `SAME_PATH`. */
export function atSamePath(
  { program, mountpoint, folder }: SamePath,
  command: readonly string[],
): readonly string[] {
  return [program, mountpoint, folder, SAME_PATH, '--', ...command];
}

/** The command in the namespace, with its working folder as it is, and the loader in its place too. */
export function besideSamePath(
  { program, mountpoint, folder }: SamePath,
  loader: string,
  command: readonly string[],
): readonly string[] {
  return [
    program,
    '--stay',
    mountpoint,
    folder,
    SAME_PATH,
    path.dirname(loader),
    LOADER_PATH,
    '--',
    ...command,
  ];
}

/** A path, or a text with paths in it, as seen by what runs in the namespace. */
export function toSamePath(text: string, folder: string, same = SAME_PATH): string {
  return replacePath(text, folder, same);
}

/** The other way round. */
export function fromSamePath(text: string, folder: string): string {
  return text.replaceAll(SAME_PATH, folder);
}

/**
 * A rustc command line with the libraries as seen at `SAME_PATH`: in an executable every unit depends on the paths of
 * all libraries. Everything else in it either is relative or must stay what it is.
 */
export function librariesAtSamePath(args: readonly string[], folder: string): readonly string[] {
  return args.map((arg, index) => {
    const option = args[index - 1];
    const equals = arg.indexOf('=');
    if (option === '-L' || (option === '--extern' && equals > 0))
      return arg.slice(0, equals + 1) + toSamePath(arg.slice(equals + 1), folder);
    return arg;
  });
}

/**
 * The environment of such a rustc. What a build script has written is included by its absolute path, which would stand
 * in debug information and metadata. `CARGO_MANIFEST_DIR` stays what it is: programs compare it with other paths.
 */
export function environmentAtSamePath(env: NodeJS.ProcessEnv, folder: string): NodeJS.ProcessEnv {
  return env.OUT_DIR === undefined ? env : { ...env, OUT_DIR: toSamePath(env.OUT_DIR, folder) };
}

/** What stands for what in a file that was made in the namespace. */
export type Localisation = readonly (readonly [samePath: string, real: string])[];

export function localisation(folder: string, loader: string): Localisation {
  return [
    [SAME_PATH, folder],
    [LOADER_PATH, path.dirname(loader)],
  ];
}

/** Writes the real paths over the others, filled up with slashes, which mean nothing more than one. */
export function localise(bytes: Buffer, paths: Localisation): void {
  for (const [from, to] of paths) {
    const filled = to.padEnd(LENGTH, '/');
    for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + LENGTH))
      bytes.write(filled, at, 'latin1');
  }
}

/** One byte a character: what is written over has a length in bytes. */
function fits(real: string): boolean {
  return Buffer.byteLength(real) === real.length && real.length <= LENGTH;
}

/** `/ws` is not in `/ws2`. */
function replacePath(text: string, from: string, to: string): string {
  const literal = from.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return text.replaceAll(new RegExp(`${literal}(?=/|$|["\\s:,;])`, 'g'), to);
}

function isWithin(file: string, folder: string): boolean {
  return file === folder || file.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}
