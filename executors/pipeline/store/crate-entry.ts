import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { CrateInputs, CrateRecord } from '../artifacts';
import { linkOrCopy, namesIn, writeWhole } from '../capture/atomic-file';
import { changedInput, digestOf, digestOfBytes } from '../capture/crate-inputs';
import { isUnit, sessionNameOf } from '../capture/incremental-session';
import { environmentAtSamePath } from '../capture/same-path';
import type { Toolchain } from '../capture/toolchain';
import { fromPortable, type Places, toPortable } from './portable';
import { joinRlib, type Piece, splitRlib } from './rlib';
import { slotOf } from './slots';
import { STORE_FORMAT } from './store';

/** One compile of one crate, in the store. */
export interface CrateEntry {
  readonly format: number;
  readonly record: CrateRecord;
  readonly inputs: CrateInputs;
  /** Name of rustc's incremental session, see `incremental-session.ts`. */
  readonly session: string;
  readonly slots: number;
  /** How the units and the rest make the library; empty for what is none. */
  readonly rlib: readonly Piece[];
  /** Digest of the workspace's path when that stands in the code (`env!("CARGO_MANIFEST_DIR")`): only there it is right. */
  readonly boundTo: string | null;
  /** SHA-256 of every other file of the entry, by its path in it. */
  readonly files: Readonly<Record<string, string>>;
}

export const CRATE_JSON = 'crate.json';
const RLIB_REST = 'rlib';
/** `incremental-session.ts`: two components, and no way elsewhere. */
const SESSION = /^[\w-]+\/[\w-]+$/;
/** What becomes part of the program, or of other crates; the rest is rustc's own. */
const SAYS_WHERE = /\.o$|\.rmeta$|^rlib$/;

export function packageOf({ env, name }: CrateRecord): string {
  return env.CARGO_PKG_NAME ?? name;
}

/** What each unit means, by its name: `digests` of the engine. */
export type UnitDigests = ReadonlyMap<string, string>;

/**
 * Makes the entry of a crate from what its compile left, by hard links.
 *
 * @param outDir folder of its outputs
 * @returns false when it has no known inputs, so that nobody could tell what it is good for
 */
export function writeCrateEntry(
  folder: string,
  record: CrateRecord,
  digests: UnitDigests,
  slots: number,
  places: Places,
  outDir = record.outDir,
): boolean {
  const { inputs, units, state, id } = record;
  if (inputs === null) return false;
  const draft = `${folder}.${process.pid}.draft`;
  rmSync(draft, { recursive: true, force: true });
  const add = (name: string, from: string) => {
    const file = path.join(draft, name);
    mkdirSync(path.dirname(file), { recursive: true });
    linkOrCopy(from, file);
  };
  for (const [slot, names] of bySlot(namesIn(units).filter(isUnit), slots)) {
    for (const name of names) add(path.join('units', slot, name), path.join(units, name));
    const meanings = Object.fromEntries(
      names.map((name) => [nameOfUnit(name), digests.get(nameOfUnit(name))]),
    );
    writeWhole(path.join(draft, 'units', slot, 'digests.json'), `${JSON.stringify(meanings, null, 1)}\n`);
  }
  for (const name of namesIn(state)) add(path.join('state', name), path.join(state, name));
  for (const file of filesBelow(record.env.OUT_DIR))
    add(path.join('out-dir', file), path.join(record.env.OUT_DIR ?? '', file));
  let rlib: readonly Piece[] = [];
  if (record.kind === 'lib') {
    add(`lib${id}.rmeta`, path.join(outDir, `lib${id}.rmeta`));
    const split = splitRlib(readFileSync(path.join(outDir, `lib${id}.rlib`)), (unit) =>
      readIfThere(path.join(units, `${unit}.o`)),
    );
    rlib = split.pieces;
    writeFileSync(path.join(draft, RLIB_REST), split.rest);
  }
  add('dep-info', path.join(outDir, record.depInfo));
  const files: Record<string, string> = {};
  let bound = record.samePath === null;
  for (const file of filesBelow(draft)) {
    const bytes = readFileSync(path.join(draft, file));
    files[file] = digestOfBytes(bytes);
    bound ||= SAYS_WHERE.test(file) && bytes.includes(`${places.workspace}/`);
  }
  const session = sessionNameOf(state);
  const boundTo = bound ? digestOfBytes(Buffer.from(places.workspace)) : null;
  const entry: CrateEntry = { format: STORE_FORMAT, record, inputs, session, slots, rlib, boundTo, files };
  writeFileSync(path.join(draft, CRATE_JSON), toPortable(entry, places));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(path.dirname(folder), { recursive: true });
  renameSync(draft, folder);
  return true;
}

/** Undefined when there is none, or it is damaged, of another format, or for another place. Files are not looked at. */
export function readCrateEntry(folder: string, places: Places): CrateEntry | undefined {
  const text = readIfThere(path.join(folder, CRATE_JSON))?.toString();
  if (text === undefined) return undefined;
  try {
    const entry = fromPortable(text, places) as CrateEntry;
    const complete =
      entry.format === STORE_FORMAT && SESSION.test(entry.session) && Array.isArray(entry.rlib);
    const elsewhere =
      entry.boundTo !== null && entry.boundTo !== digestOfBytes(Buffer.from(places.workspace));
    return complete && !elsewhere && entry.record.inputs !== null ? entry : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What the crate was made from that is another now; undefined when nothing is.
 *
 * @param env of the present process with the variables that cargo sets for the crate
 */
export function changedSince(
  { inputs, record }: CrateEntry,
  { version }: Toolchain,
  env: NodeJS.ProcessEnv,
  { workspace }: Places,
): string | undefined {
  const seen = record.samePath === null ? env : environmentAtSamePath(env, workspace);
  // What a build script wrote may not be there yet: it comes with the entry.
  return changedInput(inputs, version, seen, (file) => file.startsWith(`${record.env.OUT_DIR}/`));
}

/** The first file of the entry that is not what it was when it was made, or lies elsewhere; undefined when all are. */
export function damagedFile(folder: string, { files }: CrateEntry): string | undefined {
  const wrong = Object.entries(files).find(
    ([file, digest]) => !liesIn(folder, file) || digestOf(path.join(folder, file)) !== digest,
  );
  return wrong?.[0] ?? linkIn(folder);
}

/** A cache can bring links; what is looked at through one is not what is there later. */
export function liesIn(folder: string, file: string): boolean {
  const whole = path.join(folder, file);
  return existsSync(whole) && realpathSync(whole) === path.join(realpathSync(folder), file);
}

function linkIn(folder: string): string | undefined {
  const link = readdirSync(folder, { recursive: true, withFileTypes: true }).find((each) =>
    each.isSymbolicLink(),
  );
  return link && path.relative(folder, path.join(link.parentPath, link.name));
}

/** Paths of the units of an entry by their file names. */
export function unitsOfEntry(folder: string): readonly string[] {
  const units = path.join(folder, 'units');
  return namesIn(units).flatMap((slot) =>
    namesIn(path.join(units, slot))
      .filter(isUnit)
      .map((name) => path.join(units, slot, name)),
  );
}

/** The library as cargo had it. */
export function rlibOfEntry(folder: string, entry: CrateEntry): Buffer {
  const rest = readFileSync(path.join(folder, RLIB_REST));
  return joinRlib({ pieces: entry.rlib, rest }, (unit) =>
    readFileSync(path.join(folder, 'units', slotOf(unit, entry.slots), `${unit}.o`)),
  );
}

/** Files below a folder, by their paths in it; none when there is no such folder. */
export function filesBelow(folder: string | undefined): readonly string[] {
  if (folder === undefined) return [];
  return namesIn(folder).length === 0
    ? []
    : readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((each) => each.isFile())
        .map((each) => path.relative(folder, path.join(each.parentPath, each.name)))
        .sort();
}

function bySlot(names: readonly string[], slots: number): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const name of [...names].sort()) {
    const slot = slotOf(nameOfUnit(name), slots);
    found.set(slot, [...(found.get(slot) ?? []), name]);
  }
  return found;
}

function nameOfUnit(file: string): string {
  return file.slice(0, -'.o'.length);
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
