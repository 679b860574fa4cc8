import { existsSync } from 'node:fs';
import type { CrateRecord, ImageRecord } from '../artifacts';
import { readBuildId } from './build-id';
import { compileKey } from './crate-inputs';
import { dependenciesFirst } from './crate-order';
import type { HotpatchFolder } from './hotpatch-folder';
import { unnamedLibraries } from './unnamed-libraries';

/** The records of one executable, written by the wrappers in this build or in an earlier one. */
export interface StoredBuild {
  readonly image: ImageRecord;
  /** Dependencies first, with those that the image does not contain. */
  readonly crates: readonly CrateRecord[];
}

/**
 * Finds the records of an executable by its build id.
 *
 * cargo's lock is not held any more: whoever waited for it may have compiled a library anew by now, whose record is then
 * not that of the library in the image.
 *
 * @returns undefined when any of them is missing, is of another compile, or cannot be used
 */
export function findStoredBuild(
  executable: string,
  folder: HotpatchFolder,
  loader: string,
): StoredBuild | undefined {
  const buildId = readBuildId(executable);
  const image = buildId === undefined ? undefined : folder.readImage(buildId, loader);
  if (image === undefined || !existsSync(image.file)) return undefined;
  const crates = image.crates.map((id) => folder.readCrate(id)).filter((crate) => crate !== undefined);
  if (crates.length < image.crates.length) return undefined;
  if (!crates.every(({ units, state }) => existsSync(units) && existsSync(state))) return undefined;
  if (crates.some((each) => each.id !== image.crate && compileKey(each) !== image.compiles[each.id]))
    return undefined;
  const unnamed = unnamedLibraries(crates, (id) => folder.readCrate(id));
  return { image: { ...image, path: executable }, crates: dependenciesFirst([...crates, ...unnamed]) };
}
