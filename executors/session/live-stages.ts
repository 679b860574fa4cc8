import { rm } from 'node:fs/promises';
import { relative } from 'node:path';
import { performance } from 'node:perf_hooks';
import { apply } from '../pipeline/apply';
import type { BuildRecord, CaptureRequest, Reason } from '../pipeline/artifacts';
import { capture } from '../pipeline/capture/capture';
import { Compiler } from '../pipeline/compile/compile';
import { makeSessionFolder } from '../pipeline/compile/session-folder';
import { diff } from '../pipeline/diff';
import { type EngineCall, EngineHost } from '../pipeline/engine';
import { indexUnits } from '../pipeline/index-units/index-units';
import { link } from '../pipeline/link';
import { type LiveBuild, PatchSpace } from '../pipeline/live-build';
import { load } from '../pipeline/load';
import type { Stages } from '../pipeline/pipeline';
import type { Processes } from '../pipeline/processes';
import { adopt } from '../pipeline/store/adopt';
import type { Patches } from './commands';
import type { UnloadedEvent } from './events';
import { LivePatches } from './live-patches';
import { KnownWarnings, type Sifted } from './report/known-warnings';
import { sayWhenSlow } from './report/patience';
import { StoreUpdates } from './store-updates';

export interface LiveStagesOptions {
  readonly request: CaptureRequest;
  readonly engine: EngineCall;
  /** cargo is about to read the sources. */
  readonly building: () => void;
  /** What a person who waits should know. */
  readonly progress: (line: string) => void;
  /** The same for one who looks for a cause. */
  readonly detail: (line: string) => void;
  /** What rustc said and nobody was shown yet. */
  readonly diagnostics: (sifted: Sifted) => void;
  /** Files that the crates read, as of the compile that began at `at` (`performance.now()`). */
  readonly sources: (files: readonly string[], at: number) => void;
  readonly unloaded: (event: UnloadedEvent) => void;
}

interface Running extends LiveBuild {
  readonly compiler: Compiler;
  /** The compiler's own. */
  readonly folder: string;
  /** Indexing in the background, which must not take a core from rustc. */
  readonly indexing: AbortController;
  readonly indexed: Promise<unknown>;
  readonly patches: LivePatches;
}

/** The six stages, and what can be done with patches, bound to the program that runs at the moment. */
export class LiveStages implements Stages, Patches {
  #live: Running | undefined;
  #released: Promise<unknown> = Promise.resolve();
  readonly #storeUpdates = new StoreUpdates();
  readonly #warnings = new KnownWarnings();

  constructor(private readonly options: LiveStagesOptions) {}

  /** The image has been started: its index is made while it comes up, and it does not wait for that. */
  async start(record: BuildRecord, processes: Processes): Promise<Compiler> {
    const folder = await makeSessionFolder(record);
    const compiler = new Compiler(record, folder);
    const host = EngineHost.open(this.options.engine, record);
    // Whoever uses it gets the error; nobody may until the first save.
    host.catch(() => {});
    const indexing = new AbortController();
    // Without indexes the engine opens what it needs: a failure costs time, nothing else.
    const indexed = host.then(() => indexUnits(record, indexing.signal)).catch(() => {});
    const accept = (result: Parameters<Compiler['accept']>[0]) => compiler.accept(result);
    const withdraw = (units: Parameters<Compiler['withdraw']>[0]) => compiler.withdraw(units);
    this.#release();
    const build: LiveBuild = { record, host, processes, accept, withdraw, space: new PatchSpace() };
    const patches = new LivePatches(build, this.options.unloaded);
    this.#live = { ...build, compiler, folder, indexing, indexed, patches };
    return compiler;
  }

  async close(): Promise<void> {
    await this.#storeUpdates.close();
    this.#release();
    await this.#released;
  }

  capture: Stages['capture'] = async (save, signal) => {
    if (save.rebuild) {
      this.options.building();
      const adopted = await adopt(this.options.request, signal);
      if ('record' in adopted) return { kind: 'built', record: adopted.record };
      if (adopted.damaged) this.options.progress(`! ${adopted.why}: it is made anew`);
      else this.options.detail(`cargo is asked, no build of the tasks is taken: ${adopted.why}`);
      return { kind: 'built', record: await capture(this.options.request, signal, this.options.progress) };
    }
    const { compiler, record } = this.#running;
    const manifests = [...save.files].filter((file) => compiler.kindOfChange(file) === 'manifest');
    if (manifests.length > 0)
      return { kind: 'refused', reasons: manifests.map((file) => manifestChanged(record, file)) };
    return { kind: 'current' };
  };

  compile: Stages['compile'] = async (save, signal) => {
    const at = performance.now();
    const { compiler, indexing } = this.#running;
    indexing.abort();
    this.#storeUpdates.pause();
    const compiling = compiler.compile(save.files, signal);
    const result = await sayWhenSlow(compiling, () => this.options.progress('… compiling'));
    this.options.sources(compiler.watched().files, at);
    this.options.diagnostics(this.#warnings.sift(result.crates));
    if (!result.ok) return { kind: 'compile-error', diagnostics: result.diagnostics };
    return { kind: 'compiled', result };
  };

  diff: Stages['diff'] = async ({ result }) => {
    // What is free to go now may be what this patch makes current again.
    await this.#running.patches.pause();
    return diff(this.#running, result);
  };
  link: Stages['link'] = (plan) => link(this.#running, plan);
  load: Stages['load'] = (image) => load(this.#running, image);
  apply: Stages['apply'] = (loading) => {
    const pids = loading.deliveries.map(({ pid }) => pid).join(', ');
    // A program that a debugger holds cannot answer; the patch is applied when it goes on.
    return sayWhenSlow(apply(this.#running, loading), () =>
      this.options.progress(`… waiting for the program (pid ${pids}) to answer`),
    );
  };

  undo: Patches['undo'] = (patch) => this.#running.patches.undo(patch);
  status: Patches['status'] = (pending) => this.#running.patches.status(pending);
  rest: Patches['rest'] = () => {
    if (this.#live === undefined) return;
    this.#live.patches.rest();
    this.#storeUpdates.rest(this.#live);
  };

  get #running(): Running {
    if (this.#live === undefined) throw new Error('no program runs');
    return this.#live;
  }

  #release(): void {
    const old = this.#live;
    this.#live = undefined;
    if (old === undefined) return;
    old.indexing.abort();
    const closed = [
      old.patches
        .close()
        .then(() => old.host)
        .then((host) => host.close()),
      old.indexed,
      old.compiler.close().then(() => rm(old.folder, { recursive: true, force: true })),
      this.#released,
    ];
    this.#released = Promise.allSettled(closed);
  }
}

function manifestChanged({ workspaceRoot }: BuildRecord, file: string): Reason {
  const subject = relative(workspaceRoot, file);
  return {
    code: 'manifest-changed',
    subject,
    message: `${subject} changed, and with it how the program is built.`,
    remedy: 'Build and restart the program.',
  };
}
