/**
 * cargo's `RUSTC_WORKSPACE_WRAPPER` during a capture, started as `rustc-wrapper <rustc> <arguments>` for every crate of
 * the workspace: compiles the crate as cargo asks, ready for hot patching, and records how.
 */
import path from 'node:path';
import type { CrateRecord } from '../artifacts';
import { placesOf } from '../store/portable';
import { type Here, serveCrate, type Wanted } from '../store/serve-crate';
import { Store } from '../store/store';
import { amendArguments, linkerOf, refuseLto } from './amend-arguments';
import { linkFolder, namesIn } from './atomic-file';
import { missingLinker } from './c-compiler';
import { type ChildEnd, endAs, runChild } from './child';
import { type CrateArguments, crateIdOfOutput, isLinked, readCrateArguments } from './crate-arguments';
import { crateInputs } from './crate-inputs';
import { readDepInfo } from './dep-info';
import { HotpatchFolder } from './hotpatch-folder';
import { markWrapped } from './in-between';
import { isUnit, newestSession } from './incremental-session';
import { nativeLibraries } from './native-libraries';
import { OUT_DIR, openOutDir, setOutDir } from './out-dir';
import { removeOutdated } from './outdated';
import { claimPlace, furnishPlace, takeLibrariesFrom } from './place';
import {
  addedEnvironment,
  CRATE,
  REAL_FOLDERS,
  RUN_FILE,
  type Run,
  readRun,
  refuse,
  USER_LINKER,
} from './run';
import { atSamePath, environmentAtSamePath, librariesAtSamePath } from './same-path';
import { refuseOutput } from './unpatchable-output';
import { endClearly } from './wrapper-failure';
import { linkerScript } from './wrapper-scripts';

const [rustc = 'rustc', ...given] = process.argv.slice(2);
const runFile = process.env[RUN_FILE] ?? '';
endClearly(runFile);
const run = readRun(runFile);
const command = run.userWrapper === null ? [rustc] : [run.userWrapper, rustc];
const crate = readCrateArguments(given, process.env);

if (crate === undefined || crate.kind === 'proc-macro' || crate.kind === 'build-script') {
  // They run in the compiler or before it, never in the program.
  const end =
    crate?.kind === 'proc-macro' ? runProcMacro(crate) : runChild([...command, ...given], process.env);
  const missing = end.code === 0 ? undefined : missingLinker(linkerOf(given), process.env);
  if (missing) refuse(runFile, missing);
  endAs(end);
}
const refused = refuseLto(given, crate.name) ?? refuseOutput(given, crate.name);
if (refused) {
  refuse(runFile, refused);
  process.stderr.write(`error: ${refused.message} ${refused.remedy}\n`);
  process.exit(1);
}
const folder = new HotpatchFolder(run.targetDir, run.samePath?.folder);
const outDir = path.resolve(crate.outDir);
// Before its metadata is there: what names it is compiled from then on.
if (crate.kind === 'lib') markWrapped(run.bin, crate.id);
let args = amendArguments(given, {
  incremental: folder.incremental(crate.id),
  ...(isLinked(crate) && { linker: linkerScript(run.bin, linkerOf(given)) }),
});
const libraries = isLinked(crate) ? librariesOf(crate) : undefined;
const place = folder.place(crate.id);
const env: NodeJS.ProcessEnv = { ...process.env, [CRATE]: crate.id, [USER_LINKER]: linkerOf(given) };
env[REAL_FOLDERS] = JSON.stringify([[OUT_DIR, outDir], ...(libraries ? [[place, libraries]] : [])]);
// cargo starts an executable when its libraries are done: their outputs and their records are there.
if (libraries !== undefined && claimPlace(folder, crate.id, run.pid)) {
  furnishPlace(
    place,
    folder.crateIds().map((id) => ({ id, outDir: libraries })),
  );
  args = takeLibrariesFrom(args, place, (file) => folder.hasCrate(crateIdOfOutput(file)));
}
args = setOutDir(args, OUT_DIR);
const { samePath } = run;
if (samePath && serveCrate(wanted(crate, samePath.folder), fromStore(crate.id, samePath.folder)))
  process.exit(0);
const since = Date.now();
const seen = samePath ? environmentAtSamePath(env, samePath.folder) : env;
const end = runChild(placed([...command, ...args]), seen, openOutDir(outDir));
if (end.code === 0) folder.writeCrate(recordOf(crate, args, folder, run));
endAs(end);

/** What is compiled with a proc macro depends on its bytes: they must be the same in every clone too. */
function runProcMacro(crate: CrateArguments): ChildEnd {
  const { samePath } = run;
  if (!samePath) return runChild([...command, ...given], process.env);
  const args = librariesAtSamePath(setOutDir(given, OUT_DIR), samePath.folder);
  const env = environmentAtSamePath(process.env, samePath.folder);
  return runChild(atSamePath(samePath, [...command, ...args]), env, openOutDir(path.resolve(crate.outDir)));
}

/** What the record would say. */
function wanted(crate: CrateArguments, workspace: string): Wanted {
  const externs = crate.externs.map(({ name, path: file }) => ({ name, path: path.resolve(file) }));
  const { id, name, kind } = crate;
  return {
    ...{ id, name, kind, rustc, wrapper: run.userWrapper, args },
    env: addedEnvironment(process.env, run.environment),
    cwd: process.cwd(),
    root: path.resolve(crate.root),
    ...{ externs, outDir, depInfo: `${crate.stem}.d`, samePath: workspace },
  };
}

function fromStore(id: string, workspace: string): Here {
  const places = placesOf(workspace, run.toolchain, process.env);
  const incremental = folder.incremental(id);
  const store = new Store(run.targetDir, run.profile);
  return { store, incremental, places, toolchain: run.toolchain };
}

function placed(rustcCommand: readonly string[]): readonly string[] {
  return samePath ? atSamePath(samePath, librariesAtSamePath(rustcCommand, samePath.folder)) : rustcCommand;
}

/** cargo's folder of the workspace libraries that an executable names; undefined when it names none. */
function librariesOf({ externs }: CrateArguments): string | undefined {
  const library = externs.find((extern) => folder.hasCrate(crateIdOfOutput(extern.path)));
  return library && path.dirname(path.resolve(library.path));
}

function recordOf(
  crate: CrateArguments,
  args: readonly string[],
  folder: HotpatchFolder,
  run: Run,
): CrateRecord {
  const cwd = process.cwd();
  const outDir = path.resolve(cwd, crate.outDir);
  // cargo holds its build lock, and no other rustc uses this crate's folder: the newest session is the one just made.
  const session = newestSession(folder.incremental(crate.id));
  if (session === undefined) throw new Error(`rustc left no incremental session for ${crate.id}`);
  const files = namesIn(session.folder).map((file) => path.join(session.folder, file));
  const units = folder.units(crate.id, session.name);
  const state = folder.state(crate.id, session.name);
  linkFolder(units, files.filter(isUnit));
  const rest = files.filter((file) => !isUnit(file));
  linkFolder(state, rest);
  for (const made of [units, state]) removeOutdated(path.dirname(made), path.basename(made));
  const depInfo = `${crate.stem}.d`;
  const { sources, envDeps } = readDepInfo(path.join(outDir, depInfo), cwd, run.samePath?.folder);
  const externs = crate.externs.map(({ name, path: file }) => ({ name, path: path.resolve(cwd, file) }));
  const added = addedEnvironment(process.env, run.environment);
  const libraries = [
    ...externs,
    ...nativeLibraries({ args, env: added, cwd }).map((file) => ({ path: file })),
  ];
  return {
    id: crate.id,
    name: crate.name,
    kind: crate.kind,
    rustc,
    wrapper: run.userWrapper,
    args,
    env: added,
    cwd,
    root: path.resolve(cwd, crate.root),
    outDir,
    depInfo,
    state,
    externs,
    sources,
    envDeps,
    units,
    samePath: run.samePath?.folder ?? null,
    inputs: crateInputs({ toolchain: run.toolchain.version, sources, envDeps, libraries }, seen, since),
  };
}
