import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BuildRecord, CaptureRequest } from '../artifacts';
import { linkOrCopy } from '../capture/atomic-file';
import { readCargoConfig, saidAboutCompiles } from '../capture/cargo-config';
import { digestOf, digestOfBytes, digestOfText } from '../capture/crate-inputs';
import type { Toolchain } from '../capture/toolchain';
import { refuseLinks } from './bounds/links';
import { environmentKey, requestKey } from './build-key';
import { CRATE_JSON, packageOf, writeCrateEntry } from './crate-entry';
import { digestOfTree } from './digest-tree';
import { type Places, toPortable } from './portable';
import { unitDigests } from './publish-crates';
import { STORE_FORMAT, Store } from './store';
import { thirdPartyName } from './third-party-entry';

/** The image of a program, in the store, and what tells whether it is that of the present sources. */
export interface ImageEntry {
  readonly format: number;
  /** Of the whole build, without what has entries of its own. */
  readonly record: Omit<BuildRecord, 'crates' | 'unused' | 'thirdParty'>;
  readonly crates: readonly { readonly package: string; readonly id: string; readonly entry: string }[];
  readonly toolchain: string;
  readonly request: string;
  readonly environment: string;
  /** Files in the workspace from which cargo takes its configuration. */
  readonly configFiles: readonly string[];
  /** Digest of what those outside say about compiles: where they lie is another place for everybody. */
  readonly outerSettings: string;
  /** Content of what only cargo can follow, by path. */
  readonly manifests: Readonly<Record<string, string>>;
  /** Other files of the build that a compile needs: where each lies, and what it is called here. */
  readonly support: readonly SupportFile[];
  /** SHA-256 of the image without paths of a clone. */
  readonly image: string;
}

export interface SupportFile {
  readonly path: string;
  /** Its name in the entry; null for one that another task brings. */
  readonly name: string | null;
  readonly digest: string;
}

export const IMAGE_JSON = 'image.json';

/**
 * Puts the image of a build into the store, and with it those of its crates that may not be there (`publishCrates`): what a
 * package's task compiled is that of one program, and this can be another one.
 *
 * @returns false when it cannot serve anybody: its crates have no known inputs, or it names this clone's paths
 */
export async function publishImage(
  record: BuildRecord,
  request: CaptureRequest,
  program: string,
  { places, toolchain }: { readonly places: Places; readonly toolchain: Toolchain },
): Promise<boolean> {
  const { crates, unused: _, thirdParty: __, ...rest } = record;
  const store = new Store(record.targetDir, record.profile);
  const main = crates.find(({ id }) => id === record.image.crate);
  if (record.image.portable === null || main === undefined || crates.some(({ inputs }) => inputs === null))
    return false;

  const folder = store.image(packageOf(main), program);
  refuseLinks(folder, record.targetDir);
  const draft = `${folder}.${process.pid}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  // Of several programs each brings its own crate: whoever has this image may have the crates of another one.
  const isOneOfSeveral = request.bin !== undefined || request.example !== undefined;
  const entries = [];
  for (const crate of crates) {
    const pkg = packageOf(crate);
    const there = path.join(store.crate(pkg, crate.id), CRATE_JSON);
    const brought = crateOfImage(draft, pkg, crate.id);
    const isMissing = (crate === main && isOneOfSeveral) || !existsSync(there);
    if (isMissing) writeCrateEntry(brought, crate, await unitDigests(crate), 1, places);
    const digest = digestOf(isMissing ? path.join(brought, CRATE_JSON) : there) ?? '';
    entries.push({ package: pkg, id: crate.id, entry: digest });
  }
  linkOrCopy(record.image.portable, path.join(draft, 'image'));
  const env = { ...process.env, ...request.env };
  const config = configOf(request, env, places);
  const support = record.libraries.map(({ path: file, local }): SupportFile => {
    const digest = digestOf(file) ?? '';
    if (!local) return { path: file, name: null, digest };
    const name = thirdPartyName(file, digest);
    linkOrCopy(file, path.join(draft, name));
    return { path: file, name, digest };
  });
  const entry: ImageEntry = {
    format: STORE_FORMAT,
    record: rest,
    crates: entries,
    toolchain: digestOfText(toolchain.version),
    request: requestKey(request),
    environment: environmentKey(env, record.scriptVariables),
    configFiles: config.inner,
    outerSettings: config.outerSettings,
    manifests: Object.fromEntries(
      record.manifests
        .filter((file) => !config.outer.includes(file))
        .map((file) => [file, digestOfTree(file)]),
    ),
    support,
    image: digestOfBytes(readFileSync(record.image.portable)),
  };
  writeFileSync(path.join(draft, IMAGE_JSON), toPortable(entry, places));
  rmSync(folder, { recursive: true, force: true });
  renameSync(draft, folder);
  return true;
}

/** Where an image's entry has a crate of its own. */
export function crateOfImage(folder: string, pkg: string, id: string): string {
  return path.join(folder, 'crates', pkg, id);
}

/** cargo's configuration, inside of the workspace and outside. */
export function configOf({ cwd }: CaptureRequest, env: NodeJS.ProcessEnv, { workspace }: Places) {
  const { files } = readCargoConfig(cwd, env);
  const inner = files.filter((file) => file.startsWith(`${workspace}/`));
  const outer = files.filter((file) => !inner.includes(file));
  return { inner, outer, outerSettings: digestOfText(saidAboutCompiles(outer)) };
}
