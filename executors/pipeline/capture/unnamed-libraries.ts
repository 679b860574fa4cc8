import { existsSync } from 'node:fs';
import type { CrateRecord } from '../artifacts';
import { crateIdOfOutput, optionValues } from './crate-arguments';

/**
 * Libraries of the workspace on which an image's crates depend, directly or not, and which are not in it. cargo compiles
 * all dependencies; rustc loads, and so links, those that some code names. An edit can name another one.
 *
 * What a shared library for Rust (`dylib`) was made from is left out: it runs, as a part of that library.
 *
 * @param inImage the crates of the image
 * @param read the record of a crate by its id; undefined for what cargo compiles without our wrapper
 */
export function unnamedLibraries(
  inImage: readonly CrateRecord[],
  read: (id: string) => CrateRecord | undefined,
): readonly CrateRecord[] {
  const known = new Set(inImage.map(({ id }) => id));
  const found = reached(inImage, isPlain, read);
  const shared = reached(inImage, () => true, read).filter((crate) => !isPlain(crate));
  const elsewhere = new Set(reached(shared, () => true, read).map(({ id }) => id));
  return found.filter(
    ({ id, units, state }) => !known.has(id) && !elsewhere.has(id) && existsSync(units) && existsSync(state),
  );
}

/** All libraries below these crates; what is below one that does not `pass` is not looked at, nor is it itself. */
function reached(
  from: readonly CrateRecord[],
  pass: (crate: CrateRecord) => boolean,
  read: (id: string) => CrateRecord | undefined,
): readonly CrateRecord[] {
  const seen = new Map<string, CrateRecord | undefined>();
  const open = [...from];
  for (let crate = open.pop(); crate !== undefined; crate = open.pop()) {
    for (const { path } of crate.externs) {
      const id = crateIdOfOutput(path);
      if (seen.has(id)) continue;
      const library = read(id);
      const passed = library !== undefined && pass(library) ? library : undefined;
      seen.set(id, passed);
      if (passed !== undefined) open.push(passed);
    }
  }
  return [...seen.values()].filter((crate) => crate !== undefined);
}

/** An rlib and nothing else for Rust: rustc can link it in no other way. */
function isPlain({ kind, args }: CrateRecord): boolean {
  return kind === 'lib' && !optionValues(args, '--crate-type').includes('dylib');
}
