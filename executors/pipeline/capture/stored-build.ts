import { existsSync } from 'node:fs';
import type { CrateRecord, ImageRecord } from '../artifacts';
import { readBuildId } from './build-id';
import { dependenciesFirst } from './crate-order';
import type { HotpatchFolder } from './hotpatch-folder';

/** The records of one executable, written by the wrappers in this build or in an earlier one. */
export interface StoredBuild {
  readonly image: ImageRecord;
  /** Dependencies first. */
  readonly crates: readonly CrateRecord[];
}

/**
 * Finds the records of an executable by its build id.
 *
 * @returns undefined when any of them is missing or cannot be used
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
  return { image: { ...image, path: executable }, crates: dependenciesFirst(crates) };
}
