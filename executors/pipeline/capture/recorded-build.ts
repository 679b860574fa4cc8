import { existsSync } from 'node:fs';
import path from 'node:path';
import { announcementPath, loaderLibraryPath, samePathProgram } from '../../../native/addon';
import type { BuildRecord, CaptureRequest, CrateRecord, Reason } from '../artifacts';
import { Refusal } from '../refusal';
import { variablesOfBuildScripts } from './build-script-variables';
import { missingLinker } from './c-compiler';
import { type CargoBuild, profileOf, readCargoMessages } from './cargo-build';
import { type CargoConfig, readCargoConfig } from './cargo-config';
import type { Workspace } from './cargo-metadata';
import { asOnTerminal, runCargo } from './cargo-process';
import { crateIdOfOutput } from './crate-arguments';
import { HotpatchFolder } from './hotpatch-folder';
import { mayDependOnMembers, withRecordedAsLocal } from './in-between';
import { removeLeftBehind } from './left-behind';
import { manifestsOf } from './manifests';
import { refuseLtoOfManifest } from './profile-lto';
import {
  beginRun,
  digestEnvironment,
  endRun,
  NODE,
  RUN_FILE,
  refusals,
  USER_RUSTC_WRAPPER,
  WRAPPERS,
} from './run';
import { besideSamePath, type SamePath, samePath, toSamePath } from './same-path';
import { findStoredBuild, type StoredBuild } from './stored-build';
import { thirdPartyUnits } from './third-party-units';
import type { Toolchain } from './toolchain';
import { showUnseenChanges } from './unseen-changes';
import {
  betweenRustcScript,
  nextEpoch,
  outerRustcScript,
  presentEpoch,
  rustcScript,
  servingRustcScript,
  writeScripts,
} from './wrapper-scripts';

/** What is to be built. */
export interface BuildOrder {
  readonly request: CaptureRequest;
  readonly env: NodeJS.ProcessEnv;
  readonly workspace: Workspace;
  readonly toolchain: Toolchain;
  /** The store's folder from which crates from elsewhere are to be taken one by one. */
  readonly thirdParty?: string;
  /** The command line for cargo. */
  readonly args: readonly string[];
  /** What a person would call it. */
  readonly name: string;
  /** Takes what cargo says on its error output, the progress bar too, in place of the terminal. */
  readonly says?: (text: string) => void;
  /** Whether cargo may fail, as long as it made any of the executables. */
  readonly partly?: boolean;
  /** The executables that were asked for, among what cargo made. Absolute paths. */
  readonly executables: (build: CargoBuild) => readonly string[];
}

/**
 * Builds with cargo, our wrappers in between, in the user's own target folder. What cargo finds fresh is told from the
 * records of the build that made it. The result has a record for each of the order's executables, in order.
 *
 * @throws Refusal no-rust-toolchain, no-c-compiler, lto, static-image, build-failed
 * @throws the signal's reason when aborted
 */
export async function recordedBuild(order: BuildOrder, signal: AbortSignal): Promise<readonly BuildRecord[]> {
  const { request, workspace, env, name } = order;
  const config = readCargoConfig(request.cwd, env);
  const lto = refuseLtoOfManifest({ request, env, root: workspace.root, config, name });
  if (lto) throw new Refusal([lto]);
  const loader = request.loader ?? loaderLibraryPath();
  const place = samePathOf(request, workspace, loader);
  const folder = new HotpatchFolder(workspace.targetDir, place?.folder);
  const attempt = async (epoch: string) => {
    const made = await runBuild({ ...order, folder, loader, place, config, epoch }, signal);
    const build = withRecordedAsLocal(made, folder);
    const executables = order.executables(build);
    const stored = executables.flatMap((executable) => findStoredBuild(executable, folder, loader) ?? []);
    return stored.length < executables.length ? undefined : { build, stored };
  };

  showUnseenChanges(folder);
  // Somebody has compiled one of its libraries since: cargo sees that too, and links anew. Or it is fresh for cargo but
  // unknown to us: the records were deleted or are damaged. A new epoch compiles the workspace anew.
  const found =
    (await attempt(presentEpoch(folder))) ??
    (await attempt(presentEpoch(folder))) ??
    (await attempt(nextEpoch(folder)));
  if (!found) throw new Error(`cargo built ${order.name} and left no record of it in ${folder.root}.`);
  const { build, stored } = found;
  const replayed = stored.flatMap(({ crates }) => crates);
  const captured = new Set(replayed.map(({ id }) => id));
  const manifests = manifestsOf(workspace, build, config.files, replayed);
  return stored.map((each: StoredBuild) => ({
    workspaceRoot: workspace.root,
    targetDir: workspace.targetDir,
    profile: profileOf(request),
    ...each,
    image: {
      ...each.image,
      archives: [...each.image.archives, ...unlinkedArchives(each, build, workspace)],
    },
    manifests,
    libraries: otherLibraries(build, each.image.archives, captured, workspace.targetDir),
    unused: unusedCrates(build, captured, folder),
    thirdParty: thirdPartyUnits(build),
    scriptVariables: variablesOfBuildScripts(build),
    env: request.env ?? {},
  }));
}

/** Of the workspace: what proc macros and build scripts are made from, and shared libraries for Rust. */
function unusedCrates(
  { artifacts }: CargoBuild,
  captured: ReadonlySet<string>,
  folder: HotpatchFolder,
): readonly CrateRecord[] {
  return artifacts
    .flatMap(({ local, files }) => (local ? files : []))
    .filter((file) => file.endsWith('.rlib') && !captured.has(crateIdOfOutput(file)))
    .flatMap((file) => folder.readCrate(crateIdOfOutput(file)) ?? []);
}

/**
 * Rlibs that the build made and that are not on the link line: rustc leaves out what no code names, and the first edit
 * that calls into one needs them. They come last: what the program was linked with goes before. Those of the workspace
 * are for what a build script compiled into them; their own code is lifted from their units.
 */
function unlinkedArchives(
  { image, crates }: StoredBuild,
  { artifacts }: CargoBuild,
  { packages }: Workspace,
): readonly string[] {
  const members = new Set(packages.map(({ id }) => id));
  const unnamed = crates.filter(({ id }) => !image.crates.includes(id));
  const others = artifacts.filter((made) => !members.has(made.package)).flatMap(({ files }) => files);
  const all = [...unnamed.map(({ id, outDir }) => path.join(outDir, `lib${id}.rlib`)), ...others];
  const known = new Set(image.archives);
  return all.filter((file) => file.endsWith('.rlib') && !known.has(file));
}

/** Libraries that rustc or the linker of patches reads, and that no replay makes; with them what build scripts made. */
function otherLibraries(
  { artifacts }: CargoBuild,
  archives: readonly string[],
  captured: ReadonlySet<string>,
  targetDir: string,
): BuildRecord['libraries'] {
  const ofScripts = archives.filter((file) => file.endsWith('.a') && file.startsWith(`${targetDir}/`));
  const libraries = artifacts.flatMap(({ files, local }) =>
    files
      .filter((file) => /\.(rlib|rmeta|so)$/.test(file) && !captured.has(crateIdOfOutput(file)))
      .map((file) => ({ path: file, local })),
  );
  // cargo tells of them in the order in which they are done.
  return [...libraries, ...ofScripts.map((file) => ({ path: file, local: true }))].sort((a, b) =>
    a.path < b.path ? -1 : 1,
  );
}

interface BuildInput extends BuildOrder {
  readonly folder: HotpatchFolder;
  readonly loader: string;
  readonly place: SamePath | undefined;
  readonly config: CargoConfig;
  readonly epoch: string;
}

async function runBuild(input: BuildInput, signal: AbortSignal): Promise<CargoBuild> {
  const { folder, config, workspace, request } = input;
  const made = writeScripts(folder, input.epoch);
  const { place, loader } = input;
  // cargo mixes the wrapper's path into the names of all crates of the workspace.
  const bin = place ? toSamePath(made, place.folder) : made;
  const env = {
    ...input.env,
    ...(input.says && asOnTerminal(input.env)),
    RUSTC_WORKSPACE_WRAPPER: rustcScript(bin),
    [NODE]: process.execPath,
    [WRAPPERS]: request.wrappers ?? compiledWrappers(),
    ...(mayDependOnMembers(workspace) && { RUSTC_WRAPPER: betweenRustcScript(bin) }),
    ...(config.rustcWrapper !== undefined && {
      RUSTC_WRAPPER: outerRustcScript(bin),
      [USER_RUSTC_WRAPPER]: config.rustcWrapper,
    }),
    ...(input.thirdParty !== undefined && { RUSTC_WRAPPER: servingRustcScript(bin) }),
  };
  const run = beginRun(folder, {
    pid: process.pid,
    targetDir: workspace.targetDir,
    profile: profileOf(request),
    bin,
    loader,
    announcement: announcementPath(),
    samePath: place ?? null,
    toolchain: input.toolchain,
    thirdParty: input.thirdParty ?? null,
    userWrapper: config.rustcWorkspaceWrapper ?? null,
    environment: digestEnvironment(env),
  });
  try {
    const end = await runCargo(input.args, {
      cwd: request.cwd,
      env: { ...env, [RUN_FILE]: run },
      stderr: 'inherit',
      ...(input.says && { says: input.says }),
      signal,
      ...(place && { through: (command) => besideSamePath(place, loader, command) }),
    });
    const [reason, ...more] = refusals(run);
    const build = readCargoMessages(end.stdout);
    const isThere = end.code === 0 || (input.partly && !reason && input.executables(build).length > 0);
    if (!isThere) throw new Refusal(reason ? [reason, ...more] : [failure(input.name, input.env)]);
    return build;
  } finally {
    endRun(run);
    removeLeftBehind(folder);
  }
}

function samePathOf(
  { workspaceRoot }: CaptureRequest,
  { root, targetDir }: Workspace,
  loader: string,
): SamePath | undefined {
  if (workspaceRoot === undefined) return undefined;
  const { mountpoint } = new HotpatchFolder(targetDir);
  return samePath(samePathProgram(), workspaceRoot, mountpoint, [root, targetDir], loader);
}

/** rustc has already said in the terminal what is wrong. */
function failure(name: string, env: NodeJS.ProcessEnv): Reason {
  const remedy = 'Correct the errors above.';
  return (
    missingLinker('cc', env) ?? {
      code: 'build-failed',
      subject: name,
      message: `${name} does not build.`,
      remedy,
    }
  );
}

/** The wrappers run as plain JavaScript under cargo: they stand beside this module once it is compiled. */
function compiledWrappers(): string {
  if (existsSync(path.join(__dirname, 'rustc-wrapper.js'))) return __dirname;
  throw new Error(
    `nx-hotpatch misses ${path.join(__dirname, 'rustc-wrapper.js')}: run \`npm run build:ts\`.`,
  );
}
