import { existsSync } from 'node:fs';
import path from 'node:path';
import { loaderLibraryPath } from '../../../native/addon';
import type { BuildRecord, CaptureRequest, Reason } from '../artifacts';
import { Refusal } from '../refusal';
import { missingLinker } from './c-compiler';
import { type CargoBuild, cargoBuildArguments, readCargoMessages } from './cargo-build';
import { type CargoConfig, readCargoConfig } from './cargo-config';
import { readWorkspace, type Workspace } from './cargo-metadata';
import { runCargo } from './cargo-process';
import { chooseExecutable, type Executable } from './executable';
import { HotpatchFolder } from './hotpatch-folder';
import { manifestsOf } from './manifests';
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
import { findStoredBuild } from './stored-build';
import { nextEpoch, outerRustcScript, presentEpoch, rustcScript, writeScripts } from './wrapper-scripts';

/**
 * Builds the program with cargo, once, in the user's own target folder, and tells how each crate of the workspace was
 * compiled and the image linked. What cargo finds fresh is told from the records of the capture that built it.
 *
 * Third-party crates are those of an ordinary `cargo build`, in both directions: cargo gives wrapped crates file names
 * of their own and wraps members of the workspace only.
 *
 * @throws Refusal no-rust-toolchain, no-c-compiler, which-executable, lto, static-image, build-failed
 * @throws the signal's reason when aborted
 */
export async function capture(request: CaptureRequest, signal: AbortSignal): Promise<BuildRecord> {
  const env = { ...process.env, ...request.env };
  const workspace = await readWorkspace(request, env, signal);
  const executable = chooseExecutable(request, workspace);
  const folder = new HotpatchFolder(workspace.targetDir);
  const loader = request.loader ?? loaderLibraryPath();
  const config = readCargoConfig(request.cwd, env);
  const input = { request, env, executable, workspace, folder, loader, config };
  const attempt = async (epoch: string) => {
    const build = await runBuild({ ...input, epoch }, signal);
    return { build, stored: build.executable && findStoredBuild(build.executable, folder, loader) };
  };

  let { build, stored } = await attempt(presentEpoch(folder));
  // Fresh for cargo but unknown to us: the records were deleted or are damaged. A new epoch compiles the workspace anew.
  if (!stored) ({ build, stored } = await attempt(nextEpoch(folder)));
  if (!stored) throw new Error(`cargo built ${executable.name} and left no record of it in ${folder.root}.`);
  const inImage = new Set(stored.crates.map(({ id }) => id));
  return {
    workspaceRoot: workspace.root,
    targetDir: workspace.targetDir,
    ...stored,
    image: {
      ...stored.image,
      archives: [...stored.image.archives, ...unlinkedArchives(build, stored.image.archives)],
    },
    manifests: manifestsOf(workspace, build, config.files, inImage),
    env: request.env ?? {},
  };
}

/**
 * Third-party rlibs that the build made and the program does not use: rustc leaves them out of the link line, and the
 * first edit that calls into one needs them. They come last: what the program was linked with goes before.
 */
function unlinkedArchives(build: CargoBuild, linked: readonly string[]): readonly string[] {
  const known = new Set(linked);
  const thirdParty = build.artifacts.filter(({ local }) => !local);
  return thirdParty
    .flatMap(({ files }) => files)
    .filter((file) => file.endsWith('.rlib') && !known.has(file));
}

interface BuildInput {
  readonly request: CaptureRequest;
  readonly env: NodeJS.ProcessEnv;
  readonly executable: Executable;
  readonly workspace: Workspace;
  readonly folder: HotpatchFolder;
  readonly loader: string;
  readonly config: CargoConfig;
  readonly epoch: string;
}

async function runBuild(input: BuildInput, signal: AbortSignal): Promise<CargoBuild> {
  const { request, executable, folder, config, workspace } = input;
  const bin = writeScripts(folder, input.epoch);
  const env = {
    ...input.env,
    RUSTC_WORKSPACE_WRAPPER: rustcScript(bin),
    [NODE]: process.execPath,
    [WRAPPERS]: request.wrappers ?? compiledWrappers(),
    ...(config.rustcWrapper !== undefined && {
      RUSTC_WRAPPER: outerRustcScript(bin),
      [USER_RUSTC_WRAPPER]: config.rustcWrapper,
    }),
  };
  const run = beginRun(folder, {
    pid: process.pid,
    targetDir: workspace.targetDir,
    bin,
    loader: input.loader,
    userWrapper: config.rustcWorkspaceWrapper ?? null,
    environment: digestEnvironment(env),
  });
  try {
    const args = cargoBuildArguments(request, executable);
    const end = await runCargo(args, {
      cwd: request.cwd,
      env: { ...env, [RUN_FILE]: run },
      stderr: 'inherit',
      signal,
    });
    const [reason, ...more] = refusals(run);
    if (end.code !== 0) throw new Refusal(reason ? [reason, ...more] : [failure(executable, input.env)]);
    return readCargoMessages(end.stdout, executable);
  } finally {
    endRun(run);
  }
}

/** rustc has already said in the terminal what is wrong. */
function failure({ name }: Executable, env: NodeJS.ProcessEnv): Reason {
  const remedy = 'Correct the errors above and save.';
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
