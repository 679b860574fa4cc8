import path from 'node:path';
import type { CrateArguments } from '../capture/crate-arguments';
import { digestOf, digestOfText, valueDigest } from '../capture/crate-inputs';
import type { Toolchain } from '../capture/toolchain';
import type { Places } from './portable';
import { putOutputs } from './put-third-party';
import { belongs, readThirdPartyEntry, type StoredUnit, thirdPartyKey } from './third-party-entry';
import { StoredFiles } from './third-party-files';

export interface ThirdPartyHere {
  /** What the store has for the program. */
  readonly folder: string;
  readonly targetDir: string;
  readonly places: Places;
  readonly toolchain: Toolchain;
}

/**
 * Gives cargo what it asks rustc to make of a package from elsewhere, where cargo's home has another path than where it was
 * made, so that cargo does not take it for fresh (`restoreThirdParty`).
 *
 * cargo's hash in the names of outputs says that package, version, features, profile, flags and compiler are the same. What
 * it does not know is compared here: the libraries that rustc would read, what the package's build script said and left,
 * and the variables that the code names.
 *
 * @param env of the rustc that cargo asked for
 * @returns whether all outputs are in place
 */
export function serveThirdParty(
  crate: CrateArguments,
  env: NodeJS.ProcessEnv,
  { folder, targetDir, places, toolchain }: ThirdPartyHere,
): boolean {
  const entry = readThirdPartyEntry(folder, places);
  const key = thirdPartyKey(toolchain, places);
  if (entry?.format !== key.format || entry.toolchain !== key.toolchain) return false;
  const unit = entry.units.find((each) => isMadeAs(each, crate, targetDir));
  if (unit === undefined || !belongs(unit)) return false;

  const files = new StoredFiles(folder, entry.parts);
  const digests = new Map(
    entry.units.flatMap((each) => each.files.map((file) => [path.join(targetDir, file.path), file.digest])),
  );
  const isSame = (file: string) => digests.has(file) && digestOf(file) === digests.get(file);
  const same =
    crate.externs.every((extern) => isSame(path.resolve(extern.path))) &&
    Object.entries(unit.variables).every(([name, digest]) => valueDigest(env[name]) === digest) &&
    isSameRun(entry.units, env.OUT_DIR, targetDir, isSame) &&
    unit.files.every(({ name, digest }) => files.digest(name) === digest);
  if (same) putOutputs(unit, files, targetDir, new Date());
  return same;
}

/** Whether it is the unit with the hash of this crate, made in the same folder. */
function isMadeAs(
  { fingerprint, folder, files }: StoredUnit,
  crate: CrateArguments,
  targetDir: string,
): boolean {
  const hash = crate.stem.slice(crate.stem.lastIndexOf('-'));
  const [file] = files;
  const made = folder ?? (file && path.dirname(file.path));
  return (
    fingerprint.endsWith(hash) &&
    made !== undefined &&
    path.join(targetDir, made) === path.resolve(crate.outDir)
  );
}

/** Whether the build script of the package said and left the same here. */
function isSameRun(
  units: readonly StoredUnit[],
  outDir: string | undefined,
  targetDir: string,
  isSame: (file: string) => boolean,
): boolean {
  if (outDir === undefined) return true;
  const folder = path.relative(targetDir, path.dirname(outDir));
  const run = units.find((unit) => unit.folder === folder);
  const output = path.join(folder, 'output');
  return (
    run?.texts[output] !== undefined &&
    digestOf(path.join(targetDir, output)) === digestOfText(run.texts[output]) &&
    run.files.every((file) => isSame(path.join(targetDir, file.path)))
  );
}
