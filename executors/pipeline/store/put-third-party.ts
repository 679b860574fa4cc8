import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { writeWhole } from '../capture/atomic-file';
import { digestOf } from '../capture/crate-inputs';
import type { StoredFile, StoredUnit } from './third-party-entry';
import type { StoredFiles } from './third-party-files';

/**
 * Puts what was made of a unit where cargo has such things. The unit must have been checked.
 *
 * @param now the time of all files: cargo compares it with that of what they were made from
 */
export function putOutputs(unit: StoredUnit, files: StoredFiles, targetDir: string, now: Date): void {
  const here = (file: string) => path.join(targetDir, file);
  for (const each of unit.folders) mkdirSync(here(each), { recursive: true });
  for (const file of unit.files) {
    const to = here(file.path);
    if (digestOf(to) !== file.digest) putFile(files, file, to);
    utimesSync(to, now, now);
  }
  for (const [file, text] of Object.entries(unit.texts)) writeAt(here(file), text, now);
  for (const [link, to] of Object.entries(unit.links)) {
    rmSync(here(link), { force: true });
    symlinkSync(to, here(link));
  }
}

export function writeAt(file: string, content: string | Buffer, now: Date): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  utimesSync(file, now, now);
}

/** cargo and rustc replace files; build scripts also write into theirs, which must not reach the store. */
function putFile(files: StoredFiles, { name, executable }: StoredFile, to: string): void {
  rmSync(to, { force: true });
  files.put(name, to);
  if (path.basename(path.dirname(to)) !== 'deps') writeWhole(to, readFileSync(to));
  if (executable) chmodSync(to, 0o755);
}
