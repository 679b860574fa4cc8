import { timingSafeEqual } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import type { PatchImage, Reason } from '../../pipeline/artifacts';
import type { Delivery, Processes, ProgramLayout, UnloadOutcome } from '../../pipeline/processes';
import { PerfMaps } from '../perf-map/perf-map';
import { type ConnectionEvents, LoaderConnection } from './connection';
import { listenInMeetingFolder, type MeetingFolder } from './meeting-folder';
import { type Crashed, type Greeting, type Hello, PROTOCOL } from './messages';

export interface ServerEvents {
  /** A process of the program connected and was accepted. */
  joined(hello: Hello): void;
  /** A process cannot be patched; it runs on. `pid` is unknown when the loader did not get as far as its Hello. */
  refused(pid: number | undefined, reasons: readonly Reason[]): void;
  /** A process ended, or closed its connection. */
  gone?(departed: Departed): void;
}

export interface Departed {
  readonly hello: Hello;
  /** Patches that it had, in order, with what was sent of them. */
  readonly patches: readonly PatchImage[];
  /** What it said when a fatal signal ended it. */
  readonly crash: Crashed | undefined;
}

export interface Expected {
  /** Of the image that was started; a program of another build is refused. */
  readonly buildId: string;
  /** The package's version, which the loader must have too. */
  readonly version: string;
  /** Where loaders may keep what they unload. */
  readonly parking?: string;
}

/**
 * Listens for the loaders of one start of the program, and holds what they were given.
 *
 * Every process gets every live patch in order: one that connects late (a forked child, a second run) gets the earlier
 * ones first. All processes share one layout, because a patch image is laid out for one distance from the host and the
 * engine resolves later patches against earlier ones at that distance.
 */
export class LoaderServer implements Processes {
  readonly #connections = new Set<LoaderConnection>();
  /** Also those that have not said Hello. */
  readonly #sockets = new Set<Socket>();
  readonly #live: PatchImage[] = [];
  /** Everything that was sent, also what is still on its way: a process can crash on it. */
  readonly #sent = new Map<number, PatchImage>();
  /** What each process has given back to the system. */
  readonly #unloaded = new WeakMap<LoaderConnection, Set<number>>();
  #departures: { readonly pid: number; readonly told: () => void }[] = [];
  #onEmpty: (() => void)[] = [];
  #layout: ProgramLayout | undefined;
  readonly #perfMaps = new PerfMaps();

  private constructor(
    private readonly folder: MeetingFolder,
    private readonly server: Server,
    private readonly expected: Expected,
    private readonly events: ServerEvents,
  ) {
    const connectionEvents: ConnectionEvents = {
      judge: (hello) => this.#judge(hello),
      otherProtocol: (greeting) => this.#version(greeting),
      joined: (connection) => this.#join(connection),
      refused: (pid, reasons) => events.refused(pid, reasons),
      applied: ({ hello }, image) => this.#perfMaps.add(hello, image),
      gone: (connection) => {
        this.#connections.delete(connection);
        this.#depart(connection);
        if (this.#connections.size === 0) for (const resolve of this.#onEmpty.splice(0)) resolve();
      },
    };
    const { buildId, parking } = expected;
    const welcome = {
      protocol: PROTOCOL,
      token: folder.token,
      buildId,
      ...(parking === undefined ? {} : { parking }),
    };
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      new LoaderConnection(socket, welcome, connectionEvents);
    });
  }

  static async listen(expected: Expected, events: ServerEvents): Promise<LoaderServer> {
    const server = createServer();
    return new LoaderServer(await listenInMeetingFolder(server), server, expected, events);
  }

  /** What the program is started with so that its loader comes here. */
  get environment(): { readonly NX_HOTPATCH_SOCKET: string } {
    return { NX_HOTPATCH_SOCKET: this.folder.socket };
  }

  get layout(): ProgramLayout | undefined {
    return this.#connections.size > 0 ? this.#layout : undefined;
  }

  get pids(): readonly number[] {
    return [...this.#connections].map((connection) => connection.hello.pid);
  }

  deliver(image: PatchImage): readonly Delivery[] {
    this.#sent.set(image.patch, image);
    return [...this.#connections].map((connection) => ({
      pid: connection.hello.pid,
      outcome: connection.apply(image),
      undo: () => connection.undo(image.patch),
    }));
  }

  keep(image: PatchImage): void {
    this.#sent.set(image.patch, image);
    this.#live.push(image);
    for (const connection of this.#connections) void this.#catchUp(connection);
  }

  async unload(patches: readonly number[]): Promise<readonly UnloadOutcome[]> {
    const outcomes = [...this.#connections].map(async (connection): Promise<readonly UnloadOutcome[]> => {
      const before = this.#unloaded.get(connection) ?? new Set();
      this.#unloaded.set(connection, before);
      const asked = patches.filter((patch) => connection.patches.has(patch) && !before.has(patch));
      if (asked.length === 0) return [];
      const answer = await connection.unload(asked);
      if (answer === undefined) return [];
      for (const { patch } of answer.unloaded) before.add(patch);
      return [{ pid: connection.hello.pid, unloaded: answer.unloaded, kept: answer.kept }];
    });
    return (await Promise.all(outcomes)).flat();
  }

  /** Lets a held process go on into `main`. */
  release(pid: number): void {
    for (const connection of this.#connections) if (connection.hello.pid === pid) connection.go();
  }

  /** Waits until this process is not connected; false when it still is after `ms` milliseconds. */
  async departed(pid: number, ms: number): Promise<boolean> {
    if (!this.pids.includes(pid)) return true;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((told) => {
      this.#departures.push({ pid, told });
      timer = setTimeout(told, ms);
    });
    clearTimeout(timer);
    return !this.pids.includes(pid);
  }

  /** Waits until no process is connected; false when some still are after `ms` milliseconds. */
  async emptied(ms: number): Promise<boolean> {
    if (this.#connections.size === 0) return true;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#onEmpty.push(resolve);
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
    return this.#connections.size === 0;
  }

  /** Ends all connections and removes the folder; the programs run on. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    await this.#perfMaps.remove();
    await this.folder.remove();
  }

  #judge(hello: Hello): readonly Reason[] {
    const { version, buildId } = this.expected;
    if (!sameSecret(hello.token, this.folder.token)) {
      return [
        reason(
          'token',
          hello,
          'it does not know the token of this session',
          'Start it through this session.',
        ),
      ];
    }
    if (hello.loader !== version) return [this.#version(hello)];
    if (hello.buildId !== buildId) {
      const message = `its image has build id ${hello.buildId}, the session's has ${buildId}`;
      return [reason('foreign-image', hello, message, 'Start the image that this session built.')];
    }
    if (this.#layout !== undefined && this.#layout.window.offset !== hello.window.offset) {
      const message = `its patch window is at ${hello.window.offset}, that of the program's first process at ${this.#layout.window.offset}`;
      return [reason('address-range-taken', hello, message, 'Restart the program.')];
    }
    // Code of an executable reaches thread-locals at a constant offset, which is linked into the patch.
    if (this.#layout !== undefined && this.#layout.tls.tpOffset !== hello.tls.tpOffset) {
      const message = `its thread-local pool is at ${hello.tls.tpOffset}, that of the program's first process at ${this.#layout.tls.tpOffset}`;
      return [reason('thread-locals', hello, message, 'Restart the program.')];
    }
    if (this.#layout !== undefined && this.#layout.tls.image !== hello.tls.image) {
      const message = `its thread-locals are at ${hello.tls.image}, those of the program's first process at ${this.#layout.tls.image}`;
      return [reason('thread-locals', hello, message, 'Restart the program.')];
    }
    return [];
  }

  #version({ protocol, loader = 'of an unknown version', pid }: Greeting): Reason {
    const message = `its loader is ${loader} (protocol ${protocol}), the session is ${this.expected.version} (protocol ${PROTOCOL})`;
    return reason('version', { pid }, message, 'Build the program again with this version.');
  }

  #join(connection: LoaderConnection): void {
    const { hello } = connection;
    this.#layout ??= { window: hello.window, tls: hello.tls, libraries: hello.libraries };
    this.#connections.add(connection);
    void this.#catchUp(connection);
    this.events.joined(hello);
  }

  #depart(connection: LoaderConnection): void {
    const { hello, crash } = connection;
    const patches = [...this.#sent.values()].filter(({ patch }) => connection.patches.has(patch));
    this.events.gone?.({ hello, patches, crash });
    for (const { pid, told } of this.#departures) if (pid === hello.pid) told();
    this.#departures = this.#departures.filter(({ pid }) => pid !== hello.pid);
  }

  /**
   * Sends, in order, the live patches that the process lacks. Where one is refused, the process stays as it is and is told
   * no more.
   */
  async #catchUp(connection: LoaderConnection): Promise<void> {
    const missing = this.#live.filter(({ patch }) => !connection.patches.has(patch));
    const reasons = await connection.follow(missing);
    if (reasons !== undefined) this.events.refused(connection.hello.pid, reasons);
  }
}

function reason(
  code: string,
  { pid }: { readonly pid?: number | undefined },
  message: string,
  remedy: string,
): Reason {
  const subject = pid === undefined ? 'a process' : `process ${pid}`;
  return { code, subject, message: `${subject} cannot be patched: ${message}`, remedy };
}

function sameSecret(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
