import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { CrateRecord } from '../artifacts';
import { linkFolder, linkOrCopy, namesIn, writeWhole } from '../capture/atomic-file';
import { digestOf } from '../capture/crate-inputs';
import { HotpatchFolder } from '../capture/hotpatch-folder';
import { seedSession } from '../capture/incremental-session';
import { type CrateEntry, filesBelow, packageOf, rlibOfEntry, unitsOfEntry } from './crate-entry';
import type { Store } from './store';

/** The record of an entry's crate, with the folders in which `putCrate` puts its units and state here. */
export function recordHere({ record, session }: CrateEntry, targetDir: string): CrateRecord {
  const folder = new HotpatchFolder(targetDir);
  return { ...record, units: folder.units(record.id, session), state: folder.state(record.id, session) };
}

/**
 * Puts a crate of the store where a compile would have put it. The entry must have been checked.
 *
 * @param from the entry's folder
 * @param record of `recordHere`
 */
export function putCrate(from: string, entry: CrateEntry, record: CrateRecord, store: Store): void {
  const { id, outDir } = record;
  putUnits(from, record, store);
  if (record.kind === 'lib') {
    const metadata = path.join(outDir, `lib${id}.rmeta`);
    const rlib = path.join(outDir, `lib${id}.rlib`);
    // Of another state of the sources. These names are of our builds alone: an ordinary one has others.
    if (digestOf(metadata) !== entry.files[path.basename(metadata)])
      for (const file of [metadata, rlib]) rmSync(file, { force: true });
    put(path.join(from, path.basename(metadata)), metadata);
    if (!existsSync(rlib)) writeWhole(rlib, rlibOfEntry(from, entry));
  }
  new HotpatchFolder(store.targetDir, record.samePath ?? undefined).writeCrate(record);
}

/** Puts of a crate what later compiles start from and are compared with, and no library that cargo would find. */
export function putUnits(from: string, record: CrateRecord, store: Store): void {
  linkFolder(record.state, stateOf(from));
  linkFolder(record.units, [...unitsOfEntry(from), ...indexesOf(record, store)]);
  const { OUT_DIR } = record.env;
  if (OUT_DIR !== undefined)
    for (const file of filesBelow(path.join(from, 'out-dir')))
      put(path.join(from, 'out-dir', file), path.join(OUT_DIR, file));
}

/**
 * Gives cargo's next compile of a crate the state of the store, when it has none of its own, or that one is of the present
 * sources.
 */
export function seedIncremental(
  from: string,
  { session }: CrateEntry,
  incremental: string,
  isPresent: boolean,
): void {
  if (namesIn(incremental).length > 0 && !isPresent) return;
  seedSession(incremental, session, [...stateOf(from), ...unitsOfEntry(from)]);
}

function stateOf(from: string): readonly string[] {
  const folder = path.join(from, 'state');
  return filesBelow(folder).map((file) => path.join(folder, file));
}

/** Links a file to where it belongs, unless one is there. */
export function put(from: string, to: string): void {
  if (existsSync(to)) return;
  mkdirSync(path.dirname(to), { recursive: true });
  linkOrCopy(from, to);
}

/** Beside a unit its index is used; one that is missing is made in the background. */
function indexesOf(record: CrateRecord, store: Store): readonly string[] {
  const all = store.allIndexes(packageOf(record));
  return namesIn(all).flatMap((slot) => {
    const folder = path.join(all, slot, record.id);
    return namesIn(folder).map((file) => path.join(folder, file));
  });
}
