import { constants } from 'node:os';
import type { PatchImage } from '../../pipeline/artifacts';
import type { Crashed, Hello } from '../loader-connection/messages';
import type { Departed, LoaderServer } from '../loader-connection/server';
import type { ChildExit } from './child';

/** A process with patches that was ended by a signal, and what is known of it. */
export interface Death {
  readonly hello: Hello;
  readonly signal: NodeJS.Signals;
  /** What its loader said in its last moment; it says nothing at SIGKILL, for one. */
  readonly crash: Crashed | undefined;
  /** The patches that it had, in order. */
  readonly patches: readonly PatchImage[];
}

/** Signals by which people and service managers end programs: that is no crash. */
const WANTED: readonly string[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGPIPE'];

/** The kernel closes the connections of a dead process before its parent learns of the death, but we read in any order. */
const DEPARTURE_MS = 1_000;

/**
 * Notices crashes among the processes of one start of the program. Of the first process the exit tells, as for any
 * child; of a process that it forked only its own last word can tell.
 */
export class Deaths {
  readonly #departed = new Map<number, Departed>();
  #reports: Promise<void>[] = [];

  constructor(private readonly report: (death: Death) => Promise<void>) {}

  /** @param first whether it is the process that the session started, whose exit comes too. */
  departed(departed: Departed, first: boolean): void {
    this.#departed.set(departed.hello.pid, departed);
    const signal = departed.crash === undefined ? undefined : signalName(departed.crash.signal);
    if (!first && signal !== undefined) this.#tell(departed, signal);
  }

  /** The process that the session started has ended. Resolves when everything is reported. */
  async exited(
    { signal }: ChildExit,
    pid: number,
    server: LoaderServer,
    ended: { readonly byUs: boolean },
  ): Promise<void> {
    if (signal !== null && !WANTED.includes(signal) && !(ended.byUs && signal === 'SIGKILL')) {
      await server.departed(pid, DEPARTURE_MS);
      const departed = this.#departed.get(pid);
      if (departed !== undefined) this.#tell(departed, signal);
    }
    await this.settled();
  }

  /** Reports that are being written are finished. */
  async settled(): Promise<void> {
    await Promise.all(this.#reports);
  }

  /** A program that was never patched crashes on its own account: its exit says so. */
  #tell({ hello, patches, crash }: Departed, signal: NodeJS.Signals): void {
    if (patches.length === 0) return;
    this.#reports.push(this.report({ hello, signal, crash, patches }));
  }
}

function signalName(number: number): NodeJS.Signals | undefined {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found?.[0] as NodeJS.Signals | undefined;
}
