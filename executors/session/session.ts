import { basename } from 'node:path';
import type { ReadStream } from 'node:tty';
import type { BuildRecord, CaptureRequest } from '../pipeline/artifacts';
import { compilerNote, compilerOf } from '../pipeline/capture/compiler';
import type { Compiler } from '../pipeline/compile/compile';
import type { EngineCall } from '../pipeline/engine';
import { Commands } from './commands';
import { announce } from './control/registry';
import { ControlServer } from './control/server';
import { CrashKeeper } from './crash/keeper';
import { type Exit, HotLoop } from './hot-loop';
import { Inbox } from './inbox';
import { Console, type KeysOption } from './keys/console';
import { LiveStages } from './live-stages';
import { programEnvironment } from './program/environment';
import { HotProgram } from './program/hot-program';
import type { Subject } from './report/lines';
import type { Reporter } from './report/reporter';
import { onShutdown } from './shutdown';
import { SourceWatcher } from './watch/watcher';

export interface SessionOptions {
  readonly request: CaptureRequest;
  readonly program: {
    readonly args: readonly string[];
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    /** Where the host of a shared library looks for it. */
    readonly artifact?: string;
  };
  /** Absolute path of the loader library. */
  readonly loader: string;
  readonly onRefused: 'restart' | 'ask' | 'keep';
  readonly debounceMs: number;
  /** This package's version. */
  readonly version: string;
  readonly engine: EngineCall;
  readonly ask: (signal: AbortSignal) => Promise<boolean>;
  readonly keys: KeysOption;
  readonly terminal: ReadStream;
  readonly reporter: Reporter;
  /** What the reporter's lines are about, for those who ask over the control socket. */
  readonly subject: () => Subject;
  /** The command that reproduces the crash that a folder holds. */
  readonly reproduceCommand: (folder: string) => string;
  /** The build that runs from now on. */
  readonly built: (record: BuildRecord) => void;
  /** The program runs and can be patched, for the first time. */
  readonly ready: () => void;
}

/** The loader reports within milliseconds; a program that starts under a debugger may take its time. */
const HELLO_MS = 10_000;

const QUESTION = 'Restart it with the new code?';

/** How long the program may take to end before it is killed. */
const GRACE_MS = 5_000;

/** Puts the hot loop together with what it drives, and takes all of it apart when the program has ended. */
export class Session {
  readonly #inbox = new Inbox();
  readonly #stages: LiveStages;
  readonly #program: HotProgram;
  readonly #loop: HotLoop;
  readonly #commands = new Commands();
  readonly #console: Console;
  #control: ControlServer | undefined;
  #unannounce: () => void = () => {};
  readonly #since = new Date().toISOString();
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
      diagnostics: (sifted) => reporter.diagnostics(sifted),
      detail: (line) => reporter.detail(line),
      sources: (files, at) => this.#watcher?.add(files, at),
      unloaded: (event) => reporter.event(event),
    });
    this.#console = new Console({
      keys: options.keys,
      terminal: options.terminal,
      command: (command) => void this.#commands.ask(command),
      stop: () => this.#end('SIGINT', false),
      say: (line) => reporter.progress(line),
    });
    const crashes = new CrashKeeper({
      engine: options.engine,
      version: options.version,
      args: options.program.args,
      cwd: options.program.cwd,
      env: (record) => ownEnvironment(record, options.program.env),
      subject: options.subject,
      command: options.reproduceCommand,
    });
    this.#program = new HotProgram(
      {
        ...options.program,
        loader: options.loader,
        version: options.version,
        graceMs: GRACE_MS,
        helloMs: HELLO_MS,
      },
      {
        started: async (record, server, pid) => {
          options.built(record);
          await this.#announce(record, pid);
          const watched = this.#stages
            .start(record, server)
            .then((compiler) => this.#watch(record, compiler));
          this.#begun = Promise.all([watched, this.#noteCompiler(record)]).then(() => {});
          return this.#begun;
        },
        refused: (reasons) => {
          for (const { message, remedy } of reasons) reporter.progress(`${message} ${remedy}`);
        },
        // Whether the host of a library reads its input cannot be told.
        input: ({ image }) => this.#console.inputFor(image.shared ? undefined : image.file),
        waiting: ({ image }, artifact) =>
          reporter.progress(`waiting until ${options.program.args[0]} loads ${artifact ?? image.path}`),
        crashed: async (record, death) => reporter.event(await crashes.keep(record, death)),
      },
    );
    this.#loop = new HotLoop({
      stages: this.#stages,
      program: this.#program,
      inbox: this.#inbox,
      commands: this.#commands,
      patches: this.#stages,
      report: {
        event: (event) => {
          reporter.event(event);
          if (event.event === 'ready') options.ready();
        },
        saved: () => reporter.saved(),
      },
      onRefused: options.onRefused,
      ask: (_reasons, signal) =>
        this.#console.takesKeys ? this.#console.ask(QUESTION, signal) : options.ask(signal),
      stop: this.#stop.signal,
    });
  }

  /** Runs until the program ends. Undefined when it was never started; the reasons have been reported. */
  async run(): Promise<Exit | undefined> {
    const unlisten = onShutdown(({ signal, delivered }) => this.#end(signal, delivered));
    try {
      return await this.#loop.run();
    } finally {
      // Whoever hears from now on that the session has ended can rely on it that it is not found any more.
      this.#unannounce();
      await this.#program.close();
      await this.#console.close();
      await this.#control?.close();
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

  /** Whether keys on the terminal are commands. */
  get takesKeys(): boolean {
    return this.#console.takesKeys;
  }

  #end(signal: NodeJS.Signals, delivered: boolean): void {
    if (!this.#program.shutdown(signal, delivered)) this.#stop.abort();
  }

  /** From the first start on others find this session. */
  async #announce(record: BuildRecord, programPid: number): Promise<void> {
    this.#control ??= await ControlServer.listen({
      command: (command) => this.#commands.ask(command),
      subject: this.options.subject,
    });
    this.#unannounce = announce(record.targetDir, {
      pid: process.pid,
      programPid,
      since: this.#since,
      args: this.options.program.args,
      packageFolder: packageFolder(record),
      program: basename(record.image.path),
      profile: this.options.request.profile ?? 'dev',
      socket: this.#control.socket,
    });
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

/** Where the package lies that the program belongs to. */
function packageFolder({ crates, image, workspaceRoot }: BuildRecord): string {
  return crates.find(({ id }) => id === image.crate)?.env.CARGO_MANIFEST_DIR ?? workspaceRoot;
}

/** The variables of the program that are not simply those of this process. */
function ownEnvironment(record: BuildRecord, own: Readonly<Record<string, string>>): Record<string, string> {
  const { LD_LIBRARY_PATH } = process.env;
  const env = programEnvironment(record, own, { LD_LIBRARY_PATH });
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
