import { basename, dirname } from 'node:path';
import type { BuildRecord } from '../pipeline/artifacts';
import type { EngineCall } from '../pipeline/engine';
import { type Exit, HotLoop } from './hot-loop';
import { Inbox } from './inbox';
import { LiveStages, type Recompiler } from './live-stages';
import { HotProgram } from './program/hot-program';
import type { Reporter } from './report/reporter';
import { onShutdown } from './shutdown';
import { SourceWatcher } from './watch/watcher';

export interface SessionOptions {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onRefused: 'restart' | 'ask' | 'keep';
  readonly debounceMs: number;
  readonly graceMs: number;
  /** This package's version. */
  readonly version: string;
  readonly capture: (signal: AbortSignal) => Promise<BuildRecord>;
  readonly recompiler: (record: BuildRecord) => Promise<Recompiler>;
  readonly engine: EngineCall;
  readonly ask: (signal: AbortSignal) => Promise<boolean>;
  readonly reporter: Reporter;
  /** The build that runs from now on. */
  readonly built: (record: BuildRecord) => void;
}

/** The loader reports within milliseconds; a program that starts under a debugger may take its time. */
const HELLO_MS = 10_000;

/** Puts the hot loop together with what it drives, and takes all of it apart when the program has ended. */
export class Session {
  readonly #inbox: Inbox;
  readonly #stages: LiveStages;
  readonly #program: HotProgram;
  readonly #loop: HotLoop;
  readonly #stop = new AbortController();
  #watcher: Promise<SourceWatcher> | undefined;
  #buildBegan = 0;

  constructor(options: SessionOptions) {
    const { reporter } = options;
    this.#inbox = new Inbox(options.debounceMs);
    this.#stages = new LiveStages({
      capture: (signal) => {
        this.#buildBegan = Date.now();
        return options.capture(signal);
      },
      recompiler: options.recompiler,
      engine: options.engine,
      warnings: (diagnostics) => reporter.diagnostics(diagnostics),
      compiled: (recompiler, at) => {
        void this.#watcher?.then((watcher) => watcher.add(recompiler.sources, at));
      },
    });
    this.#program = new HotProgram(
      { ...options, helloMs: HELLO_MS },
      {
        started: async (record, server) => {
          options.built(record);
          this.#stages.start(record, server);
          await this.#watch(record);
        },
        refused: (reasons) => {
          for (const { message, remedy } of reasons) reporter.progress(`${message}. ${remedy}`);
        },
      },
    );
    this.#loop = new HotLoop({
      stages: this.#stages,
      program: this.#program,
      inbox: this.#inbox,
      report: reporter,
      onRefused: options.onRefused,
      ask: (_reasons, signal) => options.ask(signal),
      stop: this.#stop.signal,
    });
  }

  /** Runs until the program ends. Undefined when it was never started; the reasons have been reported. */
  async run(): Promise<Exit | undefined> {
    const unlisten = onShutdown(({ signal, delivered }) => {
      if (!this.#program.shutdown(signal, delivered)) this.#stop.abort();
    });
    try {
      return await this.#loop.run();
    } finally {
      this.#inbox.close();
      await (await this.#watcher)?.close();
      await this.#program.close();
      await this.#stages.close();
      unlisten();
    }
  }

  async #watch(record: BuildRecord): Promise<void> {
    const old = await this.#watcher;
    this.#watcher = SourceWatcher.start({
      folders: record.crates.map(({ root }) => dirname(root)),
      files: [...record.manifests, ...record.crates.flatMap(({ sources }) => sources)].filter(
        (file) => !file.startsWith(`${record.targetDir}/`),
      ),
      ignored: [record.targetDir],
      since: this.#buildBegan,
      // While the last save does not compile, any file may be the one that it misses.
      isWanted: () => this.#loop.owesCompile,
      onChange: (file, at) => {
        if (!this.#isOwnWrite(file)) this.#inbox.put([file], at);
      },
    });
    await this.#watcher;
    await old?.close();
  }

  /** cargo itself brings the lock file up to date when it builds. */
  #isOwnWrite(file: string): boolean {
    const building = this.#loop.state === 'building' || this.#loop.state === 'starting';
    return building && basename(file) === 'Cargo.lock';
  }
}
