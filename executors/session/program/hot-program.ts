import type { BuildRecord, Reason } from '../../pipeline/artifacts';
import type { Exit, Program } from '../hot-loop';
import { LoaderServer } from '../loader-connection/server';
import { sayWhenSlow } from '../report/patience';
import { artifactPath, placeArtifact } from './artifact';
import { Child, type ChildExit } from './child';
import { type Death, Deaths } from './deaths';
import { programEnvironment } from './environment';
import { meeting } from './meeting';
import { makeParkingFolder } from './parking';
import { startCommand } from './start-command';

export interface HotProgramOptions {
  /** Of the program; for a shared library the command line of the program that loads it. */
  readonly args: readonly string[];
  /** Absolute path at which that program looks for the library; by its kind when absent. */
  readonly artifact?: string;
  /** Absolute path of the loader library. */
  readonly loader: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** This package's version, which the loader must have. */
  readonly version: string;
  /** How long the program may take to end before it is killed. */
  readonly graceMs: number;
  /** How long its loader may take to report. */
  readonly helloMs: number;
}

export interface HotProgramEvents {
  /** The new image runs: what is patched from here on is this one. It is not announced before this resolves. */
  started(record: BuildRecord, server: LoaderServer, pid: number): Promise<void>;
  /** A further process of the program cannot be patched; it runs on. */
  refused(reasons: readonly Reason[]): void;
  /** What the standard input of a program shall be that is about to start. */
  input(record: BuildRecord): Promise<'inherit' | 'ignore'>;
  /** No process has loaded the library yet. `artifact`: where it was put, besides the target folder. */
  waiting(record: BuildRecord, artifact: string | undefined): void;
  /** A process that had patches was ended by a signal that this session did not send. */
  crashed(record: BuildRecord, death: Death): Promise<void>;
}

/** The program through all its restarts. Each start has its own socket, so a process of an old build cannot join. */
export class HotProgram implements Program {
  #child: Child | undefined;
  #server: LoaderServer | undefined;
  /** The child that is being ended for a restart: its exit is not the program's own. */
  #replaced: Child | undefined;
  #shuttingDown = false;
  #deaths: Deaths | undefined;
  /** The process of the latest start is there, or will not be. */
  #launching: Promise<void> = Promise.resolve();
  #resolveExited: (exit: Exit) => void = () => {};
  readonly exited: Promise<Exit>;

  constructor(
    private readonly options: HotProgramOptions,
    private readonly events: HotProgramEvents,
  ) {
    this.exited = new Promise((resolve) => {
      this.#resolveExited = resolve;
    });
  }

  async start(
    record: BuildRecord,
  ): Promise<{ readonly pid: number; readonly unpatchable: readonly Reason[] }> {
    const launching = this.#launch(record);
    this.#launching = launching.then(
      () => {},
      () => {},
    );
    const launched = await launching;
    if (launched === undefined) return NEVER;
    const { child, server, met } = launched;
    const [unpatchable] = await Promise.all([
      this.#meet(record, child, met),
      this.events.started(record, server, child.pid),
    ]);
    return child.running ? { pid: child.pid, unpatchable } : NEVER;
  }

  /** A program reports at once. When its host loads a library is the host's affair. */
  #meet(record: BuildRecord, child: Child, met: ReturnType<typeof meeting>): Promise<readonly Reason[]> {
    if (!record.image.shared) return met.by(child.pid, this.options.helloMs);
    const artifact = artifactPath(record, this.options.artifact);
    return sayWhenSlow(met.by(child.pid, undefined), () => this.events.waiting(record, artifact));
  }

  /** Undefined when a shutdown came first. */
  async #launch(record: BuildRecord) {
    const replaced = await this.#endForRestart();
    const met = meeting(record.image.shared);
    const deaths = new Deaths((death) => this.events.crashed(record, death));
    this.#deaths = deaths;
    const server = await LoaderServer.listen(
      {
        buildId: record.image.buildId,
        version: this.options.version,
        parking: makeParkingFolder(record.targetDir),
      },
      {
        joined: ({ pid }) => met.hello(pid),
        refused: (pid, reasons) => {
          if (!met.refuse(pid, reasons)) this.events.refused(reasons);
        },
        gone: (departed) => deaths.departed(departed, departed.hello.pid === this.#child?.pid),
      },
    );
    this.#server = server;
    if (this.#shuttingDown) {
      if (replaced !== undefined) this.#resolveExited(replaced);
      return undefined;
    }
    const artifact = artifactPath(record, this.options.artifact);
    if (artifact !== undefined) placeArtifact(record, artifact);
    const env = {
      ...programEnvironment(record, this.options.env),
      ...server.environment,
      // Nobody here would let a held program go on.
      NX_HOTPATCH_HOLD: undefined,
      // Of a session whose host this one was started from.
      NX_HOTPATCH_LIBRARY: undefined,
    };
    const child = await Child.start({
      ...startCommand(record.image, this.options.args, env, this.options.loader),
      cwd: this.options.cwd,
      input: await this.events.input(record),
    });
    this.#child = child;
    void child.exited.then((exit) => this.#exited(child, exit, server, deaths));
    return { child, server, met };
  }

  async #exited(child: Child, exit: ChildExit, server: LoaderServer, deaths: Deaths): Promise<void> {
    // An exit of its own, not one that a restart asked for.
    if (child === this.#replaced) return;
    await deaths.exited(exit, child.pid, server, { byUs: this.#shuttingDown });
    this.#resolveExited({ pid: child.pid, ...exit });
  }

  /**
   * Ends the program and all of its processes for good.
   *
   * @param delivered whether the program has got the signal already, as one of a terminal's foreground group.
   * @returns false when no program was ever started.
   */
  shutdown(signal: NodeJS.Signals, delivered: boolean): boolean {
    const child = this.#child;
    const again = this.#shuttingDown;
    this.#shuttingDown = true;
    if (child === undefined) return false;
    // Whoever asks twice does not want to wait.
    if (again) child.signal('SIGKILL');
    else if (!delivered) child.signal(signal);
    void child.ended(this.options.graceMs);
    return true;
  }

  /** Leaves nothing behind: no process of a program that was told to end, no socket, no folder. */
  async close(): Promise<void> {
    const asked = this.#shuttingDown;
    this.#shuttingDown = true;
    await this.#launching;
    if (this.#child?.running) {
      this.#child.signal('SIGTERM');
      await this.#child.ended(this.options.graceMs);
    }
    if (asked) await this.#endStragglers();
    await this.#server?.close();
    await this.#deaths?.settled();
  }

  async #endForRestart(): Promise<Exit | undefined> {
    const child = this.#child;
    if (child === undefined) return undefined;
    this.#replaced = child;
    child.signal('SIGTERM');
    const exit = await child.ended(this.options.graceMs);
    await this.#endStragglers();
    await this.#server?.close();
    this.#server = undefined;
    return { pid: child.pid, ...exit };
  }

  /** Forked children that outlive their parent would keep its ports. Their open connection says that they still live. */
  async #endStragglers(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    const signalAll = (signal: NodeJS.Signals) => {
      for (const pid of server.pids) {
        try {
          process.kill(pid, signal);
        } catch {
          // It has ended meanwhile.
        }
      }
    };
    signalAll('SIGTERM');
    if (await server.emptied(this.options.graceMs)) return;
    signalAll('SIGKILL');
    await server.emptied(this.options.graceMs);
  }
}

/** The program's exit is what happens next, and `exited` tells of it. */
const NEVER = new Promise<never>(() => {});
