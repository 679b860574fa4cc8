import { basename } from 'node:path';
import type { BuildRecord, CaptureRequest } from '../pipeline/artifacts';
import { compilerNote, compilerOf } from '../pipeline/capture/compiler';
import type { Compiler } from '../pipeline/compile/compile';
import type { EngineCall } from '../pipeline/engine';
import { type Exit, HotLoop } from './hot-loop';
import { Inbox } from './inbox';
import { LiveStages } from './live-stages';
import { HotProgram } from './program/hot-program';
import type { Reporter } from './report/reporter';
import { onShutdown } from './shutdown';
import { SourceWatcher } from './watch/watcher';

export interface SessionOptions {
  readonly request: CaptureRequest;
  readonly program: {
    readonly args: readonly string[];
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
  };
  readonly onRefused: 'restart' | 'ask' | 'keep';
  readonly debounceMs: number;
  /** This package's version. */
  readonly version: string;
  readonly engine: EngineCall;
  readonly ask: (signal: AbortSignal) => Promise<boolean>;
  readonly reporter: Reporter;
  /** The build that runs from now on. */
  readonly built: (record: BuildRecord) => void;
  /** The program runs and can be patched, for the first time. */
  readonly ready: () => void;
}

/** The loader reports within milliseconds; a program that starts under a debugger may take its time. */
const HELLO_MS = 10_000;

/** How long the program may take to end before it is killed. */
const GRACE_MS = 5_000;

/** Puts the hot loop together with what it drives, and takes all of it apart when the program has ended. */
export class Session {
  readonly #inbox = new Inbox();
  readonly #stages: LiveStages;
  readonly #program: HotProgram;
  readonly #loop: HotLoop;
  readonly #stop = new AbortController();
  #watcher: SourceWatcher | undefined;
  /** The latest build is compiled and watched from then on. */
  #begun: Promise<void> = Promise.resolve();
  /** The first line of `rustc -vV`. */
  #compiler: string | undefined;
  /** Wall clock: it is compared with the times of files. */
  #buildBegan = 0;

  constructor(private readonly options: SessionOptions) {
    const { reporter } = options;
    this.#stages = new LiveStages({
      request: options.request,
      engine: options.engine,
      building: () => {
        this.#buildBegan = Date.now();
      },
      progress: (line) => reporter.progress(line),
      warnings: (diagnostics) => reporter.diagnostics(diagnostics),
      sources: (files, at) => this.#watcher?.add(files, at),
    });
    this.#program = new HotProgram(
      { ...options.program, version: options.version, graceMs: GRACE_MS, helloMs: HELLO_MS },
      {
        started: (record, server) => {
          options.built(record);
          const watched = this.#stages
            .start(record, server)
            .then((compiler) => this.#watch(record, compiler));
          this.#begun = Promise.all([watched, this.#noteCompiler(record)]).then(() => {});
          return this.#begun;
        },
        refused: (reasons) => {
          for (const { message, remedy } of reasons) reporter.progress(`${message} ${remedy}`);
        },
      },
    );
    this.#loop = new HotLoop({
      stages: this.#stages,
      program: this.#program,
      inbox: this.#inbox,
      report: {
        event: (event) => {
          reporter.event(event);
          if (event.event === 'ready') options.ready();
        },
        diagnostics: (diagnostics) => reporter.diagnostics(diagnostics),
        saved: () => reporter.saved(),
      },
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
      await this.#program.close();
      await this.#begun.catch(() => {});
      await this.#watcher?.close();
      await this.#stages.close();
      unlisten();
    }
  }

  /** Said once for each compiler. */
  async #noteCompiler(record: BuildRecord): Promise<void> {
    const version = await compilerOf(record);
    if (version === undefined || version === this.#compiler) return;
    this.#compiler = version;
    const note = compilerNote(version);
    if (note !== undefined) this.options.reporter.progress(note);
  }

  async #watch(record: BuildRecord, compiler: Compiler): Promise<void> {
    const old = this.#watcher;
    this.#watcher = await SourceWatcher.start({
      ...compiler.watched(),
      ignored: [record.targetDir],
      since: this.#buildBegan,
      isWanted: (file) => compiler.kindOfChange(file) !== 'unrelated',
      quietMs: this.options.debounceMs,
      onChange: (files, at) =>
        this.#inbox.put(
          files.filter((file) => !this.#isOwnWrite(file)),
          at,
        ),
    });
    await old?.close();
  }

  /** cargo itself brings the lock file up to date when it builds. */
  #isOwnWrite(file: string): boolean {
    const building = this.#loop.state === 'building' || this.#loop.state === 'starting';
    return building && basename(file) === 'Cargo.lock';
  }
}
