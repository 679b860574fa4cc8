import { existsSync } from 'node:fs';
import path from 'node:path';

/** A file that the native build makes. The folder is named by platform, so that more can stand side by side. */
export type PrebuiltFile =
  | 'hotpatch.node'
  | 'libnx_hotpatch_loader.so'
  | 'nx-hotpatch-same-path'
  | 'nx_hotpatch_announce.o';

/** What to do when a prebuilt file is absent or does not load on this machine. */
export const REBUILD = 'run `npx nx-hotpatch-build` (it needs Rust and a C++ compiler)';

/**
 * The package's folder: the nearest one above this module with a package.json. The module runs from `native/addon`
 * (tests) and from `dist/native/addon` (everybody else), so that no fixed number of `..` would do.
 */
export function packageFolder(): string {
  let folder = __dirname;
  while (!existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder);
    if (parent === folder)
      throw new Error(`nx-hotpatch has no package.json above ${__dirname}: install it again.`);
    folder = parent;
  }
  return folder;
}

/**
 * Absolute path of a prebuilt file.
 *
 * @throws Error with one sentence for the user: an unsupported platform, or a file that is not there.
 */
export function prebuiltFile(name: PrebuiltFile, folder = packageFolder()): string {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `nx-hotpatch works on Linux x86_64 only so far; this is ${process.platform} ${process.arch}.`,
    );
  }
  const file = path.join(folder, 'dist', 'native', 'linux-x64', name);
  if (!existsSync(file)) throw new Error(`nx-hotpatch misses ${file}: ${REBUILD}.`);
  return file;
}
