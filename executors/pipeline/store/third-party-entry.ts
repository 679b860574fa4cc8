import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isCode } from '../capture/atomic-file';
import { digestOfText } from '../capture/crate-inputs';
import type { Toolchain } from '../capture/toolchain';
import { fromPortable, type Places } from './portable';
import { STORE_FORMAT } from './store';

/**
 * What cargo made of packages from elsewhere for one program, so that cargo finds it fresh in another clone. The large
 * files lie beside it, each once, named by content. Paths are relative to the target folder.
 */
export interface ThirdPartyEntry {
  readonly format: number;
  /** Digests of what rustc says of itself, and of cargo's home: the paths of sources are a part of what cargo takes for fresh. */
  readonly toolchain: string;
  readonly cargoHome: string;
  /** Files that are a part of another one, by name: a library's metadata stands in its rlib too. */
  readonly parts: Parts;
  readonly units: readonly StoredUnit[];
}

export type Parts = Readonly<Record<string, Part>>;

/** So many bytes of another file. */
export interface Part {
  readonly of: string;
  readonly at: number;
  readonly size: number;
}

export interface StoredUnit {
  readonly fingerprint: string;
  /** Files of the fingerprint's folder, in base64. */
  readonly marks: Readonly<Record<string, string>>;
  readonly files: readonly StoredFile[];
  /** Of a build script or a run of one; what follows lies in it. */
  readonly folder: string | null;
  readonly folders: readonly string[];
  /** What cargo wrote down of a build script and its run, and what rustc read for a library. It holds paths of the clone. */
  readonly texts: Readonly<Record<string, string>>;
  /** Symbolic links that a build script made, and where they lead. */
  readonly links: Readonly<Record<string, string>>;
  /** Digests of the variables that the code names; null for one that was not set. */
  readonly variables: Readonly<Record<string, string | null>>;
}

export interface StoredFile {
  readonly path: string;
  /** `thirdPartyName` */
  readonly name: string;
  readonly digest: string;
  readonly executable: boolean;
}

export const THIRD_PARTY_JSON = 'third-party.json';

export function thirdPartyName(file: string, digest: string): string {
  return `${digest.slice(0, 16)}-${path.basename(file)}`;
}

/** By what an entry is of use here. */
export function thirdPartyKey({ version }: Toolchain, { cargoHome }: Places) {
  return { format: STORE_FORMAT, toolchain: digestOfText(version), cargoHome: digestOfText(cargoHome) };
}

/** Undefined when there is none, or it is damaged. */
export function readThirdPartyEntry(folder: string, places: Places): ThirdPartyEntry | undefined {
  try {
    const entry = fromPortable(
      readFileSync(path.join(folder, THIRD_PARTY_JSON), 'utf8'),
      places,
    ) as ThirdPartyEntry;
    return Array.isArray(entry.units) && typeof entry.parts === 'object' ? entry : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Where cargo keeps what it knows of a unit, in the folder of a profile, and of a target where one was named. */
const FINGERPRINT = /^((?:[\w.-]+\/){1,2})\.fingerprint\/[\w.-]+$/;

/** Whether it names cargo's own places and no others: an entry is a colleague's. */
export function belongs({ fingerprint, marks, files, folder, folders, texts, links }: StoredUnit): boolean {
  const profile = FINGERPRINT.exec(fingerprint)?.[1];
  const isMade = (file: string) => folder !== null && file.startsWith(`${folder}/`);
  const isLibrary = (file: string) => path.dirname(file) === `${profile}deps`;
  const paths = files.map((file) => file.path);
  const isText = (file: string) => isMade(file) || (isLibrary(file) && file.endsWith('.d'));
  const below = [...folders, ...Object.keys(links)];
  return (
    profile !== undefined &&
    (folder === null || path.dirname(folder) === `${profile}build`) &&
    [fingerprint, ...paths, ...below, ...Object.keys(texts)].every(
      (file) => path.posix.normalize(file) === file && !file.startsWith('.'),
    ) &&
    paths.every((file) => isLibrary(file) || isMade(file)) &&
    below.every(isMade) &&
    Object.keys(texts).every(isText) &&
    [...Object.keys(marks), ...files.map(({ name }) => name)].every((name) => path.basename(name) === name) &&
    Object.entries(links).every(([link, to]) => staysWithin(`/${link}`, to, `/${folder}`))
  );
}

/** Whether a symbolic link leads to something in the same folder. */
export function staysWithin(link: string, to: string, folder: string): boolean {
  return !path.isAbsolute(to) && path.resolve(path.dirname(link), to).startsWith(`${folder}/`);
}
