import { copyFileSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Readers see the whole file or the one before, never a part: written beside, then renamed. */
export function writeWhole(file: string, text: string | Buffer, mode = 0o666): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const draft = draftOf(file);
  writeFileSync(draft, text, { mode });
  renameSync(draft, file);
}

/**
 * Makes `folder` whole or not at all from files of other folders: hard links, or copies across file systems.
 * A folder that is there already stays as it is.
 */
export function linkFolder(folder: string, files: Iterable<string>): void {
  const draft = draftOf(folder);
  mkdirSync(draft, { recursive: true });
  try {
    for (const file of files) linkOrCopy(file, path.join(draft, path.basename(file)));
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!isCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
  }
}

/** A hard link costs nothing and keeps the inode, by which unchanged units are known. */
export function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (!isCode(error, 'EXDEV', 'EPERM', 'EMLINK')) throw error;
    copyFileSync(from, to);
  }
}

export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException | null)?.code ?? '');
}

/** Names in a folder; none when it does not exist. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

let drafts = 0;

function draftOf(file: string): string {
  return `${file}.${process.pid}-${drafts++}.draft`;
}
