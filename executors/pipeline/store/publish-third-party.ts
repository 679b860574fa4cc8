import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import type { BuildRecord, ThirdPartyUnit } from '../artifacts';
import { namesIn, writeWhole } from '../capture/atomic-file';
import { crateIdOfOutput } from '../capture/crate-arguments';
import { valueDigest } from '../capture/crate-inputs';
import { readDepInfo } from '../capture/dep-info';
import type { Toolchain } from '../capture/toolchain';
import { refuseLinks } from './bounds/links';
import { type Places, toPortable } from './portable';
import { Store } from './store';
import {
  type StoredFile,
  type StoredUnit,
  staysWithin,
  THIRD_PARTY_JSON,
  type ThirdPartyEntry,
  thirdPartyKey,
} from './third-party-entry';
import { KeptFiles } from './third-party-files';

/** Puts what a build needs from elsewhere into the store: each file once, named by its content. */
export function publishThirdParty(
  record: BuildRecord,
  pkg: string,
  program: string,
  { places, toolchain }: { readonly places: Places; readonly toolchain: Toolchain },
): void {
  const folder = new Store(record.targetDir, record.profile).thirdParty(pkg, program);
  refuseLinks(folder, record.targetDir);
  mkdirSync(folder, { recursive: true });
  const kept = new KeptFiles(folder);
  for (const { path: file, local } of record.libraries) if (!local) kept.keep(file);
  const units = record.thirdParty.flatMap((unit) => storedUnit(unit, record.targetDir, places, kept));
  const entry: ThirdPartyEntry = { ...thirdPartyKey(toolchain, places), parts: kept.parts, units };
  writeWhole(path.join(folder, THIRD_PARTY_JSON), toPortable(entry, places));
  for (const name of namesIn(folder))
    if (name !== THIRD_PARTY_JSON && !kept.names.has(name))
      rmSync(path.join(folder, name), { recursive: true });
}

/**
 * Nothing for a unit that cargo would not take for fresh elsewhere, or should not: sources in the clone (`cargo vendor`)
 * have another path there, and may be edited.
 */
function storedUnit(
  unit: ThirdPartyUnit,
  targetDir: string,
  { cargoHome }: Places,
  kept: KeptFiles,
): readonly StoredUnit[] {
  const within = (file: string) => path.relative(targetDir, file);
  const made = contents(unit.folder);
  const all = [unit.fingerprint, ...unit.files, ...made.files, ...made.links];
  const isElsewhere = unit.sources.startsWith(`${cargoHome}/`);
  if (!isElsewhere || all.some((file) => within(file).startsWith('..')) || !made.complete) return [];
  // cargo itself writes files into the folder of a run; what the script made lies below.
  const ofCargo = (file: string) => path.dirname(file) === unit.folder && !isExecutable(file);
  const stored = (file: string): StoredFile => ({
    path: within(file),
    ...kept.keep(file, !unit.files.includes(file)),
    executable: isExecutable(file),
  });
  const depInfo = depInfoOf(unit.files);
  const files = [...unit.files, ...made.files.filter((file) => !ofCargo(file))];
  const entries = <T>(of: readonly string[], value: (file: string) => T) =>
    Object.fromEntries(of.map((file) => [within(file), value(file)]));
  const bytes = (file: string) => readFileSync(path.join(unit.fingerprint, file), 'base64');
  return [
    {
      fingerprint: within(unit.fingerprint),
      marks: Object.fromEntries(namesIn(unit.fingerprint).map((file) => [file, bytes(file)])),
      files: files.map(stored),
      folder: unit.folder === undefined ? null : within(unit.folder),
      folders: made.folders.map(within),
      texts: entries([...made.files.filter(ofCargo), ...depInfo], (file) => readFileSync(file, 'utf8')),
      variables: variablesOf(depInfo, unit.sources),
      links: entries(made.links, (file) => readlinkSync(file)),
    },
  ];
}

/** `deps/libserde-1234.rlib` -> `deps/serde-1234.d` */
function depInfoOf([library]: readonly string[]): readonly string[] {
  if (library === undefined) return [];
  const file = path.join(path.dirname(library), `${crateIdOfOutput(library)}.d`);
  return existsSync(file) ? [file] : [];
}

/** Digests of the values that the code saw. What `OUT_DIR` holds is compared, its path differs from clone to clone. */
function variablesOf([file]: readonly string[], cwd: string): StoredUnit['variables'] {
  const names = file === undefined ? [] : readDepInfo(file, cwd).values;
  return Object.fromEntries(
    names.filter(([name]) => name !== 'OUT_DIR').map(([name, value]) => [name, valueDigest(value)]),
  );
}

interface Contents {
  readonly files: readonly string[];
  readonly folders: readonly string[];
  readonly links: readonly string[];
  /** Whether that is all there is: no sockets, no links that lead out. */
  readonly complete: boolean;
}

function contents(folder: string | undefined): Contents {
  const found =
    folder === undefined
      ? []
      : readdirSync(folder, { recursive: true, withFileTypes: true }).map((each) => ({
          each,
          file: path.join(each.parentPath, each.name),
        }));
  const of = (is: (each: (typeof found)[number]['each']) => boolean) =>
    found.filter(({ each }) => is(each)).map(({ file }) => file);
  const links = of((each) => each.isSymbolicLink());
  return {
    files: of((each) => each.isFile()).sort(),
    folders: of((each) => each.isDirectory()).sort(),
    links,
    complete:
      found.every(({ each }) => each.isFile() || each.isDirectory() || each.isSymbolicLink()) &&
      links.every((link) => staysWithin(link, readlinkSync(link), folder ?? '')),
  };
}

function isExecutable(file: string): boolean {
  return (statSync(file).mode & 0o100) !== 0;
}
