import { existsSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Toolchain } from '../capture/toolchain';
import type { Places } from './portable';
import { putOutputs, writeAt } from './put-third-party';
import { belongs, readThirdPartyEntry, type StoredUnit, thirdPartyKey } from './third-party-entry';
import { StoredFiles } from './third-party-files';

/** What became of the store's libraries of third parties. */
export interface Restored {
  /** Files of the store that are not what they should be; what they belong to is made anew. */
  readonly damaged: readonly string[];
  /** Whether cargo's home has another path here, so that cargo will ask for what is missing: `serveThirdParty`. */
  readonly elsewhere: boolean;
}

/**
 * Puts what cargo made elsewhere of packages from elsewhere where cargo finds it, and finds it fresh: it looks at its own
 * fingerprints, and at modification times among the files here. What cargo has here already stays as it is. Whether
 * something can be used is cargo's own decision in the end: features, flags and variables are in its fingerprints.
 *
 * @param folder what the store has for a program
 */
export function restoreThirdParty(
  folder: string,
  { targetDir, places, toolchain }: { targetDir: string; places: Places; toolchain: Toolchain },
): Restored {
  const entry = readThirdPartyEntry(folder, places);
  const key = thirdPartyKey(toolchain, places);
  const useful = entry?.format === key.format && entry.toolchain === key.toolchain;
  const missing = useful
    ? entry.units.filter(({ fingerprint }) => !existsSync(path.join(targetDir, fingerprint)))
    : [];
  if (entry?.cargoHome !== key.cargoHome) return { damaged: [], elsewhere: missing.length > 0 };
  const files = new StoredFiles(folder, entry.parts);
  const damaged: string[] = [];
  // One time for all: what was made from something must not be older.
  const now = new Date();
  for (const unit of missing) {
    if (!belongs(unit)) continue;
    const wrong = unit.files.find(({ name, digest }) => files.digest(name) !== digest);
    if (wrong) damaged.push(path.join(folder, wrong.name));
    else restore(unit, files, targetDir, now);
  }
  return { damaged, elsewhere: false };
}

/** The fingerprint comes last, and whole: without it all the rest means nothing to cargo. */
function restore(unit: StoredUnit, files: StoredFiles, targetDir: string, now: Date): void {
  putOutputs(unit, files, targetDir, now);
  const fingerprint = path.join(targetDir, unit.fingerprint);
  const draft = `${fingerprint}.${process.pid}.draft`;
  for (const [file, bytes] of Object.entries(unit.marks))
    writeAt(path.join(draft, file), Buffer.from(bytes, 'base64'), now);
  try {
    renameSync(draft, fingerprint);
  } catch {
    // cargo came in between, and knows better.
    rmSync(draft, { recursive: true, force: true });
  }
}
