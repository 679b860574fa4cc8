/** The captured builds of the checkout: one is the base, the newest is what the base's patches are measured by. */
import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { captureTests } from '../../dist/executors/pipeline/capture/capture-tests.js';
import { Refusal } from '../../dist/executors/pipeline/refusal.js';

/**
 * A capture is a build by cargo, from files that patching does not write to: a session compiles in a folder of its
 * own, on hard links that rustc replaces and never writes into. So the build of one commit is both what its parent's
 * patched programs are compared with and the base for the next commit.
 */
export class Builds {
  #request;
  #folder;

  /** @param {{checkout: string, target: string, package?: string, features?: string[], allFeatures?: boolean}} what */
  constructor({ checkout, target, package: name, features, allFeatures }) {
    this.#folder = join(target, 'hotpatch');
    this.#request = {
      cwd: checkout,
      ...(name === undefined ? {} : { package: name }),
      ...(features === undefined ? {} : { features }),
      ...(allFeatures ? { allFeatures } : {}),
      env: {
        CARGO_TARGET_DIR: target,
        // Lints of today are no matter of yesterday's code.
        RUSTFLAGS: '--cap-lints allow',
        CARGO_TERM_QUIET: 'true',
        CARGO_TERM_COLOR: 'never',
      },
    };
  }

  /** The test programs of what is checked out, or `{reasons}` when it does not build. */
  async build(commit) {
    try {
      return { commit, programs: await captureTests(this.#request, new AbortController().signal) };
    } catch (error) {
      if (error instanceof Refusal) return { commit, reasons: error.reasons };
      throw error;
    }
  }

  /** Removes what earlier builds recorded and none of `kept` needs: a history would fill the disk. */
  async prune(kept) {
    const records = kept.flatMap(({ programs = [] }) => programs.map(({ record }) => record));
    const needed = new Set(
      records.flatMap(({ crates }) => crates.flatMap(({ units, state }) => [units, state])),
    );
    const images = new Set(records.map(({ image }) => image.file));
    for (const kind of ['units', 'state'])
      for (const crate of await list(join(this.#folder, kind)))
        for (const stable of await list(crate))
          for (const session of await list(stable)) if (!needed.has(session)) await remove(session);
    for (const file of await list(join(this.#folder, 'images')))
      if (file.endsWith('.image') && !images.has(file)) await remove(file);
    const ids = new Set(records.flatMap(({ crates }) => crates.map(({ id }) => id)));
    for (const folder of await list(join(this.#folder, 'incremental')))
      if (!ids.has(folder.slice(dirname(folder).length + 1))) await remove(folder);
  }
}

async function list(folder) {
  const names = await readdir(folder).catch(() => []);
  return names.map((name) => join(folder, name));
}

function remove(path) {
  return rm(path, { recursive: true, force: true });
}
