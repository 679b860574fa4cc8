import { existsSync } from 'node:fs';
import path from 'node:path';
import { adopt } from '../pipeline/store/adopt';
import { IMAGE_JSON } from '../pipeline/store/publish-image';
import { Store } from '../pipeline/store/store';
import { type Base, readBase } from './base';
import { build } from './build';
import type { ProgramTaskOptions } from './options';
import { taskRequest } from './request';

/** Options of the executors `base` and `patch`. */
export interface PatchOptions extends ProgramTaskOptions {
  /** Folder of a store, relative to the Nx workspace. */
  readonly base?: string;
}

/**
 * The build from which a patch starts: that of the given store, or else the program's last one here.
 *
 * @param root absolute path of the Nx workspace
 * @returns undefined when the program was never built here
 * @throws Error when the given store has no build of the program that can be used
 */
export async function findBase(
  options: PatchOptions,
  program: string,
  root: string,
  signal: AbortSignal,
): Promise<Base | undefined> {
  const { base, targetDir, profile, package: pkg } = options;
  if (base === undefined) return readBase(path.resolve(root, targetDir), profile, pkg, program);
  const folder = path.resolve(root, base);
  if (!existsSync(path.join(new Store(targetDir, profile, folder).image(pkg, program), IMAGE_JSON))) {
    throw new Error(
      `--base=${base} has no ${profile} build of ${program}: give the folder target/hotpatch/store of the clone in which hotpatch-image made it.`,
    );
  }
  const earlier = await adopt(taskRequest(options, root), signal, folder);
  if ('record' in earlier) return earlier;
  throw new Error(`The build of ${program} in --base=${base} cannot be patched: ${earlier.why}.`);
}

/** As `findBase`; a program that was never built here is built. */
export async function findOrBuildBase(
  options: PatchOptions,
  program: string,
  root: string,
  signal: AbortSignal,
): Promise<{ readonly base: Base; readonly isNew: boolean }> {
  const found = await findBase(options, program, root, signal);
  if (found !== undefined) return { base: found, isNew: false };
  await build(options, root, signal);
  const built = await findBase(options, program, root, signal);
  if (built === undefined)
    throw new Error(`${program} was built and not kept as a base: see whether the disk is full.`);
  return { base: built, isNew: true };
}
