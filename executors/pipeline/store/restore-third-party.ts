import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { writeWhole } from '../capture/atomic-file';
import { digestOf } from '../capture/crate-inputs';
import type { Toolchain } from '../capture/toolchain';
import type { Places } from './portable';
import {
  belongs,
  readThirdPartyEntry,
  type StoredFile,
  type StoredUnit,
  thirdPartyKey,
} from './third-party-entry';
import { StoredFiles } from './third-party-files';

/** What became of the store's libraries of third parties. */
export interface Restored {
  readonly units: number;
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
  if (entry?.cargoHome !== key.cargoHome) return { units: 0, damaged: [], elsewhere: missing.length > 0 };
  const files = new StoredFiles(folder, entry?.parts ?? {});
  const damaged: string[] = [];
  let units = 0;
  // One time for all: what was made from something must not be older.
  const now = new Date();
  for (const unit of missing) {
    if (!belongs(unit)) continue;
    const wrong = unit.files.find(({ name, digest }) => files.digest(name) !== digest);
    if (wrong) damaged.push(path.join(folder, wrong.name));
    if (wrong) continue;
    restore(unit, files, targetDir, now);
    units += 1;
  }
  return { units, damaged, elsewhere: false };
}

/** The fingerprint comes last, and whole: without it all the rest means nothing to cargo. */
function restore(unit: StoredUnit, files: StoredFiles, targetDir: string, now: Date): void {
  const here = (file: string) => path.join(targetDir, file);
  const write = (file: string, content: string | Buffer) => {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
    utimesSync(file, now, now);
  };
  for (const each of unit.folders) mkdirSync(here(each), { recursive: true });
  for (const file of unit.files) {
    const to = here(file.path);
    mkdirSync(path.dirname(to), { recursive: true });
    if (digestOf(to) !== file.digest) putFile(files, file, to);
    utimesSync(to, now, now);
  }
  for (const [file, text] of Object.entries(unit.texts)) write(here(file), text);
  for (const [link, to] of Object.entries(unit.links)) {
    rmSync(here(link), { force: true });
    symlinkSync(to, here(link));
  }
  const draft = here(`${unit.fingerprint}.${process.pid}.draft`);
  for (const [file, bytes] of Object.entries(unit.marks))
    write(path.join(draft, file), Buffer.from(bytes, 'base64'));
  try {
    renameSync(draft, here(unit.fingerprint));
  } catch {
    // cargo came in between, and knows better.
    rmSync(draft, { recursive: true, force: true });
  }
}

/** cargo and rustc replace files; build scripts also write into theirs, which must not reach the store. */
function putFile(files: StoredFiles, { name, executable }: StoredFile, to: string): void {
  rmSync(to, { force: true });
  files.put(name, to);
  if (path.basename(path.dirname(to)) !== 'deps') writeWhole(to, readFileSync(to));
  if (executable) chmodSync(to, 0o755);
}
