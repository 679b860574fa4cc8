import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { CrateRecord } from '../artifacts';
import { namesIn } from './atomic-file';
import { buildTimePackages } from './build-time-packages';
import type { CargoArtifact, CargoBuild } from './cargo-build';
import type { Workspace } from './cargo-metadata';
import { crateIdOfOutput } from './crate-arguments';
import { readDepInfo } from './dep-info';

/**
 * Files and folders whose change only cargo can follow: what a replay of rustc would not notice or not do right.
 *
 * @param replayed the crates that are
 */
export function manifestsOf(
  workspace: Workspace,
  build: CargoBuild,
  configFiles: readonly string[],
  replayed: readonly CrateRecord[],
): readonly string[] {
  const atBuildTime = buildTimePackages(workspace, build);
  const inProgramAlone = (artifact: CargoArtifact) =>
    !atBuildTime.has(artifact.package) && isReplayed(artifact, replayed);
  const found = [
    ...workspace.packages.map(({ manifest }) => manifest),
    path.join(workspace.root, 'Cargo.toml'),
    path.join(workspace.root, 'Cargo.lock'),
    ...configFiles,
    ...toolchainFiles(workspace.root),
    ...build.artifacts
      .filter((artifact) => !inProgramAlone(artifact))
      .flatMap((artifact) => sourcesOf(artifact, workspace.root)),
    ...build.buildScriptRuns.flatMap((run) => inputsOfBuildScript(run, workspace)),
  ];
  return [...new Set(found)].sort();
}

/** rustup looks for these upwards from the folder in which cargo runs. */
function toolchainFiles(from: string): readonly string[] {
  const here = ['rust-toolchain', 'rust-toolchain.toml']
    .map((name) => path.join(from, name))
    .filter((file) => existsSync(file));
  const parent = path.dirname(from);
  return parent === from ? here : [...here, ...toolchainFiles(parent)];
}

/**
 * Sources of local crates that run at build time (proc macros, build scripts and what they are made of) or that cargo
 * does not compile through our wrapper (path dependencies that are no members).
 */
function sourcesOf({ local, files, kind, name }: CargoArtifact, workspaceRoot: string): readonly string[] {
  const [file] = files;
  if (!local || file === undefined || kind.includes('bin') || kind.includes('example')) return [];
  const folder = path.dirname(file);
  if (kind.includes('custom-build')) {
    // `build/<package>-<hash>/build-script-build`, beside it `build_script_build-<hash>.d`.
    const depInfo = namesIn(folder).filter(
      (found) => found.endsWith('.d') && found.startsWith(name.replaceAll('-', '_')),
    );
    return depInfo.flatMap((found) => sourcesIn(path.join(folder, found), workspaceRoot));
  }
  return sourcesIn(depInfoOf(file, kind), workspaceRoot);
}

function isReplayed({ files: [file], kind }: CargoArtifact, replayed: readonly CrateRecord[]): boolean {
  return (
    file !== undefined &&
    replayed.some((crate) => path.join(crate.outDir, crate.depInfo) === depInfoOf(file, kind))
  );
}

function depInfoOf(file: string, kind: CargoArtifact['kind']): string {
  const folder = path.dirname(file);
  // A shared library has the plain name, and cargo reports the link to it in the folder above.
  const deps = path.basename(folder) === 'deps' ? folder : path.join(folder, 'deps');
  return path.join(kind.includes('cdylib') ? deps : folder, `${crateIdOfOutput(file)}.d`);
}

function sourcesIn(depInfo: string, cwd: string): readonly string[] {
  return existsSync(depInfo) ? readDepInfo(depInfo, cwd).sources : [];
}

/**
 * What a build script named by `cargo:rerun-if-changed=`. A script that names nothing is run again by cargo for every
 * file of its package; here only for its own sources, or no save of that package could be patched.
 */
function inputsOfBuildScript(
  run: { readonly package: string; readonly folder: string },
  workspace: Workspace,
): readonly string[] {
  const owner = workspace.packages.find(({ id }) => id === run.package);
  const output = path.join(run.folder, 'output');
  if (owner === undefined || !existsSync(output)) return [];
  const named = readFileSync(output, 'utf8').matchAll(/^cargo::?rerun-if-changed=(.+)$/gm);
  return [...named].map((match) => path.resolve(path.dirname(owner.manifest), match[1] ?? ''));
}
