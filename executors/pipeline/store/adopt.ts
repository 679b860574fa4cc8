import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { loaderLibraryPath, samePathProgram } from '../../../native/addon';
import type { BuildRecord, CaptureRequest, CrateRecord } from '../artifacts';
import { writeWhole } from '../capture/atomic-file';
import { readBuildId } from '../capture/build-id';
import { profileOf } from '../capture/cargo-build';
import { readWorkspace, type Workspace } from '../capture/cargo-metadata';
import { digestOf, digestOfBytes, digestOfText } from '../capture/crate-inputs';
import { chooseExecutable, type Executable } from '../capture/executable';
import { HotpatchFolder } from '../capture/hotpatch-folder';
import { localisation, localise, samePath } from '../capture/same-path';
import { readToolchain, type Toolchain } from '../capture/toolchain';
import { executedElsewhere } from './bounds/executed';
import { writtenElsewhere } from './bounds/written';
import { environmentKey, requestKey } from './build-key';
import { CRATE_JSON, type CrateEntry, changedSince, damagedFile, readCrateEntry } from './crate-entry';
import { digestOfTree } from './digest-tree';
import { fromPortable, type Places, placesOf } from './portable';
import { configOf, crateOfImage, IMAGE_JSON, type ImageEntry, type SupportFile } from './publish-image';
import { putCrate, recordHere } from './put-crate';
import { earlierLibrary, putEarlier } from './put-earlier';
import { Store } from './store';
import { readThirdPartyEntry, thirdPartyName } from './third-party-entry';
import { StoredFiles } from './third-party-files';

/** A build from the store, ready to run and to compile against; or why there is none. */
export type Adoption =
  | { readonly record: BuildRecord; readonly manifests: ImageEntry['manifests'] }
  | { readonly why: string; readonly damaged?: boolean };

class NotAdopted extends Error {
  constructor(
    readonly why: string,
    readonly damaged = false,
  ) {
    super(why);
  }
}

/**
 * Takes the build of the present sources from the store, without cargo or rustc. Nothing of it is used before the
 * toolchain, the sources and the digest of every file agree.
 *
 * @param earlier folder of a store whose build is to be taken whatever the present sources are: one to compare with, put
 *   where no build of cargo is
 * @throws the signal's reason when aborted
 */
export async function adopt(
  request: CaptureRequest,
  signal: AbortSignal,
  earlier?: string,
): Promise<Adoption> {
  const env = { ...process.env, ...request.env };
  const { workspaceRoot } = request;
  if (workspaceRoot === undefined) return { why: 'there is no Nx workspace around it' };
  const workspace = await readWorkspace(request, env, signal);
  const executable = chooseExecutable(request, workspace);
  const store = new Store(workspace.targetDir, profileOf(request), earlier);
  const folder = store.image(executable.package.name, executable.name);
  if (!existsSync(path.join(folder, IMAGE_JSON))) return { why: 'the store has no image of it' };
  try {
    const toolchain = readToolchain(request.cwd, env);
    const places = placesOf(workspaceRoot, toolchain, env);
    const others = store.thirdParty(executable.package.name, executable.name);
    const thirdParty = new StoredFiles(others, readThirdPartyEntry(others, places)?.parts ?? {});
    const isPresent = earlier === undefined;
    return adoptEntry({
      request,
      env,
      workspace,
      executable,
      store,
      folder,
      thirdParty,
      toolchain,
      places,
      isPresent,
    });
  } catch (error) {
    if (error instanceof NotAdopted) return { why: error.why, damaged: error.damaged };
    // The text of an entry can have any shape: what is not there or of another kind ends as one of these.
    if (error instanceof TypeError) return { why: `${folder} is damaged`, damaged: true };
    throw error;
  }
}

interface Offer {
  readonly request: CaptureRequest;
  readonly env: NodeJS.ProcessEnv;
  readonly workspace: Workspace;
  readonly executable: Executable;
  readonly store: Store;
  /** Of the image. */
  readonly folder: string;
  readonly thirdParty: StoredFiles;
  readonly toolchain: Toolchain;
  readonly places: Places;
  /** It is to be the build of the present sources. */
  readonly isPresent: boolean;
}

function adoptEntry(offer: Offer): Extract<Adoption, { record: BuildRecord }> {
  const { request, workspace, store, folder, isPresent } = offer;
  const entry = readEntry(offer);
  checkBuild(entry, offer);
  const crates = entry.crates.map((crate) => checkedCrate(crate, offer));
  const bytes = readFileSync(path.join(folder, 'image'));
  if (digestOfBytes(bytes) !== entry.image) throw new NotAdopted(`${folder}/image is damaged`, true);
  checkBounds(entry, crates, offer);
  // Everything is what it says it is. From here on it is put where it belongs.
  for (const file of entry.support) putSupport(file, offer);
  const put = isPresent ? putCrate : putEarlier;
  for (const { from, entry, record } of crates) put(from, entry, record, store);
  const image = putImage(entry, bytes, offer);
  const moved = new Map(
    isPresent ? [] : crates.map(({ entry, record }) => earlierLibrary(entry, record, store)),
  );
  const record = {
    ...entry.record,
    workspaceRoot: workspace.root,
    targetDir: workspace.targetDir,
    image: { ...image, archives: image.archives.map((file) => moved.get(file) ?? file) },
    crates: crates.map(({ record }) => record),
    unused: [],
    thirdParty: [],
    env: request.env ?? {},
  };
  return { record, manifests: entry.manifests };
}

function readEntry({ folder, places }: Offer): ImageEntry {
  try {
    const entry = fromPortable(readFileSync(path.join(folder, IMAGE_JSON), 'utf8'), places) as ImageEntry;
    if (Array.isArray(entry.crates) && Array.isArray(entry.support)) return entry;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new NotAdopted(`${path.join(folder, IMAGE_JSON)} is damaged`, true);
}

/** What concerns all of the build: the request, the toolchain, what only cargo can follow. */
function checkBuild(entry: ImageEntry, { request, env, toolchain, places, isPresent }: Offer): void {
  if (entry.request !== requestKey(request)) throw new NotAdopted('it was built with other options');
  if (entry.toolchain !== digestOfText(toolchain.version))
    throw new NotAdopted('the Rust toolchain is another');
  if (entry.environment !== environmentKey(env, entry.record.scriptVariables))
    throw new NotAdopted('variables that cargo heeds have other values');
  if (!isPresent) return;
  const config = configOf(request, env, places);
  if (config.outerSettings !== entry.outerSettings)
    throw new NotAdopted("cargo's configuration outside of the workspace is another");
  const manifest =
    config.inner.find((file) => !entry.configFiles.includes(file)) ??
    Object.entries(entry.manifests).find(([file, digest]) => digestOfTree(file) !== digest)?.[0];
  if (manifest !== undefined) throw new NotAdopted(`${manifest} has changed`);
}

interface CheckedCrate {
  /** Its entry's folder. */
  readonly from: string;
  readonly entry: CrateEntry;
  readonly record: CrateRecord;
}

function checkedCrate(
  { package: pkg, id, entry: digest }: ImageEntry['crates'][number],
  { workspace, store, folder, places, toolchain, env, isPresent }: Offer,
): CheckedCrate {
  const here = [crateOfImage(folder, pkg, id), store.crate(pkg, id)];
  const from = here.find((each) => existsSync(path.join(each, CRATE_JSON))) ?? '';
  const entry = readCrateEntry(from, places);
  if (entry === undefined) throw new NotAdopted(`the store has no ${id} for this place`);
  if (digestOf(path.join(from, CRATE_JSON)) !== digest)
    throw new NotAdopted(
      isPresent
        ? `${id} is of another build`
        : `${entry.record.name} was compiled since its image was made, by a session or for another program; run hotpatch-image there first`,
    );
  const seen = { ...env, ...entry.record.env };
  const changed = isPresent ? changedSince(entry, toolchain, seen, places) : undefined;
  if (changed !== undefined) throw new NotAdopted(`${changed} has changed`);
  const record = recordHere(entry, workspace.targetDir);
  const damaged = damagedFile(from, entry);
  if (damaged !== undefined) throw new NotAdopted(`${path.join(from, damaged)} is damaged`, true);
  return { from, entry, record };
}

function putSupport({ path: file, name, digest }: SupportFile, { folder, thirdParty }: Offer): void {
  if (digestOf(file) === digest) return;
  if (existsSync(file)) throw new NotAdopted(`${file} is of another build`);
  const from = name === null ? thirdParty : new StoredFiles(folder, {});
  const stored = name ?? thirdPartyName(file, digest);
  const found = from.digest(stored);
  if (found === undefined) throw new NotAdopted(`the store has no ${path.basename(file)}`);
  if (found !== digest) throw new NotAdopted(`${path.join(from.folder, stored)} is damaged`, true);
  from.put(stored, file);
}

/** The image with this clone's paths, where cargo would have put it, unless another lies there. */
function putImage(
  entry: ImageEntry,
  bytes: Buffer,
  { workspace, places, request, isPresent }: Offer,
): BuildRecord['image'] {
  const { image } = entry.record;
  const loader = request.loader ?? loaderLibraryPath();
  const folder = new HotpatchFolder(workspace.targetDir, places.workspace);
  const file = folder.imageFile(image.buildId);
  const at = samePath(samePathProgram(), places.workspace, folder.mountpoint, [workspace.targetDir], loader);
  if (at === undefined) throw new NotAdopted('this system does not allow mount namespaces');
  localise(bytes, localisation(places.workspace, loader));
  folder.prepareImages();
  writeWhole(file, bytes, 0o755);
  if (!isPresent) return { ...image, file };
  const cargos = !existsSync(image.path) || readBuildId(image.path) === image.buildId;
  const run = cargos
    ? image.path
    : path.join(folder.root, 'programs', image.buildId, path.basename(image.path));
  writeWhole(run, bytes, 0o755);
  const record = { ...image, path: run, file, portable: folder.portableImage(image.buildId) };
  folder.writeImage(record, loader);
  return record;
}

/** The entry is a colleague's, and says what was run there, and where things lay. */
function checkBounds(
  { record: { image, libraries }, support }: ImageEntry,
  crates: readonly CheckedCrate[],
  { request: { cwd }, env, places, workspace: { targetDir } }: Offer,
): void {
  const records = crates.map(({ record }) => record);
  const file = writtenElsewhere({ image, libraries, support, crates: records }, targetDir);
  if (file !== undefined) throw new NotAdopted(`it names ${file}, where cargo puts no such thing`, true);
  for (const record of records) {
    const foreign = executedElsewhere(record, { places, targetDir, env, cwd });
    if (foreign !== undefined)
      throw new NotAdopted(
        `it would have ${record.name} compiled with ${foreign}, which is not of this clone`,
        true,
      );
  }
}
