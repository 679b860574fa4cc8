import { existsSync } from 'node:fs';
import path from 'node:path';
import type { CrateRecord } from '../artifacts';
import { writeWhole } from '../capture/atomic-file';
import { HotpatchFolder } from '../capture/hotpatch-folder';
import { removeOutdated } from '../capture/outdated';
import { type CrateEntry, rlibOfEntry } from './crate-entry';
import { putUnits } from './put-crate';
import type { Store } from './store';

/**
 * Puts a crate of an earlier build, to compare with, where no build of cargo is. The entry must have been checked.
 *
 * @param from   the entry's folder
 * @param record of `recordHere`
 */
export function putEarlier(from: string, entry: CrateEntry, record: CrateRecord, store: Store): void {
  putUnits(from, record, store);
  if (record.kind !== 'lib') return;
  const [, file] = earlierLibrary(entry, record, store);
  if (!existsSync(file)) writeWhole(file, rlibOfEntry(from, entry));
  removeOutdated(path.dirname(path.dirname(file)), entry.session);
}

/** Where cargo had the library, and where `putEarlier` puts it. */
export function earlierLibrary(
  { session }: CrateEntry,
  { id, outDir }: CrateRecord,
  { targetDir }: Store,
): readonly [cargos: string, here: string] {
  const name = `lib${id}.rlib`;
  return [path.join(outDir, name), path.join(new HotpatchFolder(targetDir).libraries(id, session), name)];
}
