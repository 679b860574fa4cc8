import { performance } from 'node:perf_hooks';
import { apply } from '../pipeline/apply';
import type { BuildRecord, CompileResult, Diagnostic, Reason } from '../pipeline/artifacts';
import { diff } from '../pipeline/diff';
import { type EngineCall, EngineHost } from '../pipeline/engine';
import { link } from '../pipeline/link';
import { type LiveBuild, PatchSpace, PendingUnits } from '../pipeline/live-build';
import { load } from '../pipeline/load';
import type { Compiled, CompileFailed, Save, Stages } from '../pipeline/pipeline';
import type { Processes } from '../pipeline/processes';

/** What the session needs of the **compile** stage. */
export interface Recompiler {
  compile(files: ReadonlySet<string>, signal: AbortSignal): Promise<CompileResult>;
  /** The last result has been taken over; the next one is relative to it. */
  accept(): void;
  isManifest(file: string): boolean;
  /** Files that the crates of the image read, as of the last compile. */
  readonly sources: readonly string[];
  close(): Promise<void>;
}

export interface LiveStagesOptions {
  readonly capture: (signal: AbortSignal) => Promise<BuildRecord>;
  readonly recompiler: (record: BuildRecord) => Promise<Recompiler>;
  readonly engine: EngineCall;
  readonly warnings: (diagnostics: readonly Diagnostic[]) => void;
  /** A compile went through; `at` is the `performance.now()` at which it began. */
  readonly compiled: (recompiler: Recompiler, at: number) => void;
}

/** The six stages bound to the program that runs at the moment. */
export class LiveStages implements Stages {
  #live: (LiveBuild & { readonly recompiler: Promise<Recompiler> }) | undefined;

  constructor(private readonly options: LiveStagesOptions) {}

  /** The image has been started: indexes are made while it comes up, and it does not wait for them. */
  start(record: BuildRecord, processes: Processes): void {
    void release(this.#live);
    const host = openHost(this.options.engine, record);
    const recompiler = this.options.recompiler(record);
    // Whoever uses them gets the error; nobody may until the first save.
    host.catch(() => {});
    recompiler.catch(() => {});
    this.#live = {
      record,
      host,
      recompiler,
      processes,
      pending: new PendingUnits(),
      space: new PatchSpace(),
    };
  }

  get recompiler(): Promise<Recompiler> {
    return this.#running.recompiler;
  }

  async close(): Promise<void> {
    const old = this.#live;
    this.#live = undefined;
    await release(old);
  }

  capture: Stages['capture'] = async (save, signal) => {
    if (save.rebuild) return { kind: 'built', record: await this.options.capture(signal) };
    const recompiler = await this.recompiler;
    const manifests = [...save.files].filter((file) => recompiler.isManifest(file));
    if (manifests.length > 0) return { kind: 'refused', reasons: manifests.map(manifestChanged) };
    return { kind: 'current' };
  };

  compile: Stages['compile'] = async (save: Save, signal: AbortSignal): Promise<Compiled | CompileFailed> => {
    const at = performance.now();
    const recompiler = await this.recompiler;
    const { ok, units, diagnostics } = await recompiler.compile(save.files, signal);
    this.options.compiled(recompiler, at);
    if (!ok) return { kind: 'compile-error', diagnostics };
    this.options.warnings(diagnostics);
    return { kind: 'compiled', units, diagnostics };
  };

  diff: Stages['diff'] = async (compiled) => {
    const running = this.#running;
    for (const set of compiled.units) running.pending.add(set);
    (await running.recompiler).accept();
    return diff(running);
  };

  link: Stages['link'] = (plan) => link(this.#running, plan);
  load: Stages['load'] = (image) => load(this.#running, image);
  apply: Stages['apply'] = (loading) => apply(this.#running, loading);

  get #running() {
    if (this.#live === undefined) throw new Error('no program runs');
    return this.#live;
  }
}

function openHost(engine: EngineCall, { image, crates }: BuildRecord): Promise<EngineHost> {
  return EngineHost.open(engine, {
    image: image.file,
    crates: crates.map(({ id, units }) => ({ id, units })),
    archives: image.archives,
  });
}

async function release(old: (LiveBuild & { readonly recompiler: Promise<Recompiler> }) | undefined) {
  if (old === undefined) return;
  const closed = [old.host.then((host) => host.close()), old.recompiler.then((each) => each.close())];
  await Promise.allSettled(closed);
}

function manifestChanged(file: string): Reason {
  return {
    code: 'manifest-changed',
    subject: file,
    message: `${file} changed, and with it how the program is built.`,
    remedy: 'Build and restart the program.',
  };
}
