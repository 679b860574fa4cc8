import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { namesIn } from '../capture/atomic-file';
import { isUnit } from '../capture/incremental-session';

/** The units of one crate at one time, by name (without `.o`). */
export type UnitFiles = ReadonlyMap<string, UnitFile>;

export interface UnitFile {
  readonly path: string;
  /** Device and inode: rustc carries an unchanged unit over as a hard link. */
  readonly identity: string;
  readonly size: number;
}

export function listUnits(folder: string): UnitFiles {
  const units = new Map<string, UnitFile>();
  for (const file of namesIn(folder)) {
    if (!isUnit(file)) continue;
    units.set(file.slice(0, -'.o'.length), unitFile(path.join(folder, file)));
  }
  return units;
}

export function unitFile(path: string): UnitFile {
  const { dev, ino, size } = statSync(path);
  return { path, identity: `${dev}:${ino}`, size };
}

/** Names of the units that are new or have other bytes, and of those that are gone. */
export function compareUnits(
  before: UnitFiles,
  after: UnitFiles,
): { readonly changed: readonly string[]; readonly gone: readonly string[] } {
  const changed = [...after].filter(([name, unit]) => !isSame(before.get(name), unit)).map(([name]) => name);
  const gone = [...before.keys()].filter((name) => !after.has(name));
  return { changed, gone };
}

/** Another inode can hold the same bytes: rustc compiles a unit anew when it is unsure. */
function isSame(before: UnitFile | undefined, after: UnitFile): boolean {
  if (before === undefined) return false;
  if (before.identity === after.identity) return true;
  return before.size === after.size && readFileSync(before.path).equals(readFileSync(after.path));
}
