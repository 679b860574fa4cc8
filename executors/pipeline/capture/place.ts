import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { isCode, linkOrCopy, writeWhole } from './atomic-file';
import { optionValues } from './crate-arguments';
import type { HotpatchFolder } from './hotpatch-folder';

/**
 * The place of an executable: the folder in which it finds the libraries of the workspace, in the capture and in all
 * replays. In an executable every unit depends on the paths of all libraries (for debugger scripts,
 * `collect_debugger_visualizers_transitive`), and rustc resolves links in them; so the paths must stay, although a
 * session must not write where cargo does. One process owns a place at a time: the session that compiles there.
 *
 * @returns false when another living process has it
 */
export function claimPlace(folder: HotpatchFolder, crate: string, pid: number): boolean {
  const file = path.join(folder.place(crate), 'owner');
  const owner = existsSync(file) ? Number(readFileSync(file, 'utf8')) : pid;
  if (owner !== pid && isAlive(owner)) return false;
  writeWhole(file, `${pid}\n`);
  return true;
}

/** Puts the libraries as cargo has them into a folder. */
export function furnishPlace(
  folder: string,
  libraries: readonly { readonly id: string; readonly outDir: string }[],
) {
  mkdirSync(folder, { recursive: true });
  for (const { id, outDir } of libraries) {
    for (const file of [`lib${id}.rlib`, `lib${id}.rmeta`]) {
      const from = path.join(outDir, file);
      if (!existsSync(from)) continue;
      // Removed first: what lies there may be the link that a session compiles with, or that same file.
      rmSync(path.join(folder, file), { force: true });
      linkOrCopy(from, path.join(folder, file));
    }
  }
}

/**
 * The command line with the given libraries taken from another folder.
 *
 * @param isMoved says for a file name of cargo whether it is in `folder`
 */
export function takeLibrariesFrom(
  args: readonly string[],
  folder: string,
  isMoved: (file: string) => boolean,
): readonly string[] {
  const moved = args.map((arg, index) => {
    const equals = arg.indexOf('=');
    if (args[index - 1] !== '--extern' || equals < 0) return arg;
    const file = arg.slice(equals + 1);
    return isMoved(file) ? `${arg.slice(0, equals)}=${path.join(folder, path.basename(file))}` : arg;
  });
  // Of several files for one crate rustc takes the one with the hash that it needs, and of equal ones the last.
  const search = `dependency=${folder}`;
  return optionValues(moved, '-L').includes(search) ? moved : [...moved, '-L', search];
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Of another user: then its files are not ours to remove either.
    return isCode(error, 'EPERM');
  }
}
