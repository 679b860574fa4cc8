import path from 'node:path';
import type { CrateRecord } from '../artifacts';
import { isCode } from '../capture/atomic-file';
import { digestOf, metadataOf } from '../capture/crate-inputs';
import { nativeLibraries } from '../capture/native-libraries';
import { fromSamePath } from '../capture/same-path';
import type { Toolchain } from '../capture/toolchain';
import { type CrateEntry, changedSince, damagedFile, readCrateEntry } from './crate-entry';
import type { Places } from './portable';
import { put, putCrate, recordHere, seedIncremental } from './put-crate';
import type { Store } from './store';

/** What cargo asks rustc for, as it would be recorded. */
export type Wanted = Pick<
  CrateRecord,
  | 'id'
  | 'name'
  | 'kind'
  | 'rustc'
  | 'wrapper'
  | 'args'
  | 'env'
  | 'cwd'
  | 'root'
  | 'externs'
  | 'outDir'
  | 'depInfo'
  | 'samePath'
>;

export interface Here {
  readonly store: Store;
  /** rustc's incremental folder for the crate. */
  readonly incremental: string;
  readonly places: Places;
  readonly toolchain: Toolchain;
}

/**
 * Gives cargo a library from the store in place of a compile, when all that the compile would depend on is the same.
 * Otherwise rustc gets the state that is in the store, if it has none of its own: most of the crate will be the same.
 *
 * @returns whether the library is in place, recorded as if it had been compiled
 */
export function serveCrate(wanted: Wanted, here: Here): boolean {
  const pkg = wanted.env.CARGO_PKG_NAME ?? '';
  const from = here.store.crate(pkg, wanted.id);
  const entry = readCrateEntry(from, here.places);
  if (entry === undefined || entry.record.id !== wanted.id || damagedFile(from, entry) !== undefined)
    return false;
  const env = { ...process.env, ...wanted.env };
  const same =
    isSameRequest(entry.record, wanted, here.places) &&
    changedSince(entry, here.toolchain, env, here.places) === undefined &&
    areSameLibraries(entry, wanted);
  seedIncremental(from, entry, here.incremental, same);
  // What is linked is not kept linked: rustc finds all of it compiled.
  return same && wanted.kind === 'lib' && entry.record.kind === 'lib' && putServed(from, entry, wanted, here);
}

/** @returns false when a session put a newer one there meanwhile */
function putServed(from: string, entry: CrateEntry, wanted: Wanted, { store, places }: Here): boolean {
  // What a replay will run is what cargo would run here, whatever the entry says.
  const record = { ...recordHere(entry, store.targetDir), ...wanted };
  try {
    putCrate(from, entry, record, store);
    put(path.join(from, 'dep-info'), path.join(record.outDir, record.depInfo));
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
    return false;
  }
  return readCrateEntry(from, places)?.session === entry.session;
}

/** Build scripts have run by now: a native library of theirs is the present one. */
function areSameLibraries({ inputs }: CrateEntry, wanted: Wanted): boolean {
  const files = [...wanted.externs.map(({ path: file }) => file), ...nativeLibraries(wanted)];
  return (
    files.every((file) => digestOf(metadataOf(file)) === inputs.externs[file]) &&
    Object.keys(inputs.externs).every((file) => files.includes(file))
  );
}

/** Where libraries are looked for at run time has no part in what is compiled; which compiler it is is asked of itself. */
const NO_INPUT = new Set(['LD_LIBRARY_PATH', 'RUSTUP_TOOLCHAIN', 'RUSTUP_TOOLCHAIN_SOURCE']);

/** However a path of the workspace is spelled: rustc gets some as they are here, and some as at `SAME_PATH`. */
function isSameRequest(made: CrateRecord, wanted: Wanted, { workspace }: Places): boolean {
  const variables = ({ env }: Wanted) =>
    Object.entries(env)
      .filter(([name]) => !NO_INPUT.has(name))
      .sort(([a], [b]) => (a < b ? -1 : 1));
  const essence = (of: Wanted) =>
    fromSamePath(JSON.stringify([of.args, variables(of), of.outDir, of.samePath]), workspace);
  return essence(made) === essence(wanted);
}
