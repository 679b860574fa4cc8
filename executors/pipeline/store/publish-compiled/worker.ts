import path from 'node:path';
import type { CompiledCrate, CrateInputs, CrateRecord } from '../../artifacts';
import { isCode, linkFolder, namesIn } from '../../capture/atomic-file';
import { crateIdOfOutput } from '../../capture/crate-arguments';
import { crateInputs, digestOf, metadataOf } from '../../capture/crate-inputs';
import { readDepInfo } from '../../capture/dep-info';
import { HotpatchFolder } from '../../capture/hotpatch-folder';
import { isUnit } from '../../capture/incremental-session';
import { nativeLibraries } from '../../capture/native-libraries';
import { removeOutdated } from '../../capture/outdated';
import { environmentAtSamePath } from '../../capture/same-path';
import { readToolchain, type Toolchain } from '../../capture/toolchain';
import { packageOf, readCrateEntry, writeCrateEntry } from '../crate-entry';
import { placesOf } from '../portable';
import { unitDigests } from '../publish-crates';
import { Store } from '../store';

/** What a session compiled, dependencies first. */
export interface Compiled {
  readonly crates: readonly CompiledCrate[];
  readonly targetDir: string;
  readonly profile: string;
  /** The `env` of the request. */
  readonly env: Readonly<Record<string, string>>;
  /** Ids of all crates of the program: their libraries lie beside each other. */
  readonly inPlace: readonly string[];
}

/**
 * Runs in a worker thread. Puts the crates into the store in place of the entries that the tasks left there; a package
 * without one has no tasks.
 *
 * @returns names of the crates that were put there. Left out: what was compiled again or saved since then.
 */
export default async function publishCompiled(compiled: Compiled): Promise<readonly string[]> {
  const published: string[] = [];
  const toolchains = new Toolchains();
  for (const crate of compiled.crates) {
    try {
      if (await publish(crate, compiled, toolchains)) published.push(crate.record.name);
    } catch (error) {
      // A newer compile removes what this one left.
      if (!isCode(error, 'ENOENT')) throw error;
    }
  }
  return published;
}

async function publish(crate: CompiledCrate, compiled: Compiled, toolchains: Toolchains): Promise<boolean> {
  const { record, session, outDir } = crate;
  const { targetDir, profile } = compiled;
  if (record.samePath === null) return false;
  const env = { ...process.env, ...compiled.env, ...record.env };
  const toolchain = toolchains.of(record.cwd, env);
  const places = placesOf(record.samePath, toolchain, env);
  const entry = new Store(targetDir, profile).crate(packageOf(record), record.id);
  const present = readCrateEntry(entry, places);
  if (present === undefined || present.session === session) return false;

  const { sources, envDeps } = readDepInfo(path.join(outDir, record.depInfo), record.cwd, record.samePath);
  const inputs = inputsOf({ ...record, sources, envDeps }, crate, compiled, toolchain, env);
  if (inputs === null) return false;
  const { units, state } = keep(crate, targetDir);
  const made: CrateRecord = { ...record, sources, envDeps, units, state, inputs };
  return writeCrateEntry(entry, made, await unitDigests(made), present.slots, places, outDir);
}

/** Where the compiler is started and these variables decide which one it is; each is asked once. */
class Toolchains {
  readonly #known = new Map<string, Toolchain>();

  of(folder: string, env: NodeJS.ProcessEnv): Toolchain {
    const key = JSON.stringify([folder, env.RUSTC, env.RUSTUP_TOOLCHAIN, env.PATH]);
    const known = this.#known.get(key) ?? readToolchain(folder, env);
    this.#known.set(key, known);
    return known;
  }
}

/** As the wrapper would have told them, had cargo compiled the crate. */
function inputsOf(
  record: CrateRecord,
  { since, saved, outDir }: CompiledCrate,
  { inPlace }: Compiled,
  { version }: Toolchain,
  env: NodeJS.ProcessEnv,
): CrateInputs | null {
  const { sources, envDeps, externs, samePath } = record;
  const seen = samePath === null ? env : environmentAtSamePath(env, samePath);
  const inputs = crateInputs({ toolchain: version, sources, envDeps, libraries: [] }, seen, since, saved);
  const made = new Set(inPlace);
  const digests = externs.map(({ path: file }) => {
    const here = made.has(crateIdOfOutput(file)) ? path.join(outDir, path.basename(file)) : file;
    return [file, digestOf(metadataOf(here)) ?? ''];
  });
  const native = nativeLibraries(record).map((file) => [file, digestOf(file) ?? '']);
  return inputs && { ...inputs, externs: Object.fromEntries([...digests, ...native]) };
}

/** Units and state where a capture would have left them: rustc removes its own at the next compile but one. */
function keep({ record: { id }, session, incremental }: CompiledCrate, targetDir: string) {
  const folder = new HotpatchFolder(targetDir);
  const files = namesIn(path.join(incremental, session)).map((name) => path.join(incremental, session, name));
  const [units, state] = [folder.units(id, session), folder.state(id, session)];
  linkFolder(units, files.filter(isUnit));
  linkFolder(
    state,
    files.filter((file) => !isUnit(file)),
  );
  for (const made of [units, state]) removeOutdated(path.dirname(made), path.basename(made));
  return { units, state };
}
