import { performance } from 'node:perf_hooks';
import type { BuildRecord, Reason } from '../pipeline/artifacts';
import { type Outcome, pipeline, type Save, type Stages } from '../pipeline/pipeline';
import type { Asked, Commands, Patches } from './commands';
import type { RefusalAction, SessionEvent } from './events';
import { failure, reasonsOf } from './failure';
import type { Inbox } from './inbox';
import { patchedEvent, undoneEvent } from './patch-events';

/**
 * What a session can be doing, and what it can do next.
 *
 *     building -> starting -> watching <-> patching -> asking -> building -> starting ...
 *                             watching <-> answering
 *
 * Building is the first build or one for a restart; while it goes on for a restart, the old program runs on.
 * The program's own exit, and being told to stop, lead from everywhere to `ended`.
 */
const TRANSITIONS = {
  building: ['starting', 'watching', 'ended'],
  starting: ['watching', 'ended'],
  watching: ['patching', 'answering', 'building', 'ended'],
  answering: ['watching', 'ended'],
  patching: ['watching', 'asking', 'building', 'ended'],
  asking: ['watching', 'building', 'ended'],
  ended: [],
} as const satisfies Record<string, readonly string[]>;
export type State = keyof typeof TRANSITIONS;

/** How the program ended: `code` or the signal's name. */
export interface Exit {
  readonly pid: number;
  readonly code: number | null;
  readonly signal: string | null;
}

export interface Program {
  /**
   * Ends the running program, if there is one, and starts the build's image. Resolves when the program can be
   * patched, with the reasons when it turned out that it cannot, or when it has ended.
   */
  start(record: BuildRecord): Promise<{ readonly pid: number; readonly unpatchable: readonly Reason[] }>;
  /** Resolves when a program ends that was not ended for a restart. */
  readonly exited: Promise<Exit>;
}

export interface Report {
  event(event: SessionEvent): void;
  /** A save has arrived and is being worked on: what is told from here on is about it. */
  saved(): void;
}

export interface HotLoopPorts {
  readonly stages: Stages;
  readonly program: Program;
  readonly inbox: Inbox;
  readonly commands: Commands;
  readonly patches: Patches;
  readonly report: Report;
  readonly onRefused: 'restart' | 'ask' | 'keep';
  /** Asks whether to restart; rejects or resolves with false when the signal aborts. */
  ask(reasons: readonly Reason[], signal: AbortSignal): Promise<boolean>;
  /** Aborts when the session is told to stop before there is a program; afterwards the program's exit ends it. */
  readonly stop: AbortSignal;
}

/** Thrown through the loop by the program's exit or by a stop. */
class Ended {
  constructor(readonly exit: Exit | undefined) {}
}

/** The session's state machine: it knows no process, no file and no clock but through its ports. */
export class HotLoop {
  #state: State = 'building';
  #running: BuildRecord | undefined;
  /** Files of saves that did not compile; they are compiled again together with the next save. */
  #owed: ReadonlySet<string> = new Set();
  /** What was saved does not run. */
  #pending = false;
  /** The last event. */
  #told: SessionEvent | undefined;
  /** The running program cannot take what was saved; only a build can. */
  #rebuildOwed = false;
  readonly #ended: Promise<Ended>;

  constructor(private readonly ports: HotLoopPorts) {
    const stopped = new Promise<Ended>((resolve) => {
      const stop = () => resolve(new Ended(undefined));
      if (ports.stop.aborted) stop();
      else ports.stop.addEventListener('abort', stop, { once: true });
    });
    this.#ended = Promise.race([stopped, ports.program.exited.then((exit) => new Ended(exit))]);
  }

  get state(): State {
    return this.#state;
  }

  /** The last save did not compile. */
  get owesCompile(): boolean {
    return this.#owed.size > 0;
  }

  /** Runs until the program ends. Undefined when no program was started. */
  async run(): Promise<Exit | undefined> {
    try {
      await this.#answer({ files: new Set(), at: performance.now(), rebuild: true });
      while (this.#running !== undefined) {
        this.#enter('watching');
        this.ports.patches.rest();
        await this.#orEnded(Promise.race([this.ports.inbox.arrived(), this.ports.commands.arrived()]));
        const asked = this.ports.commands.take();
        if (asked !== undefined) await this.#obey(asked);
        else await this.#patch();
      }
      this.#enter('ended');
      return undefined;
    } catch (thrown) {
      if (!(thrown instanceof Ended)) throw thrown;
      this.#enter('ended');
      if (thrown.exit !== undefined) this.#tell({ event: 'exited', ...thrown.exit });
      return thrown.exit;
    } finally {
      this.ports.commands.close();
    }
  }

  async #patch(): Promise<void> {
    const save = this.#take();
    this.#enter(save.rebuild ? 'building' : 'patching');
    this.ports.report.saved();
    await this.#answer(save);
  }

  async #obey(asked: Asked): Promise<void> {
    this.#enter(asked.command.kind === 'restart' ? 'building' : 'answering');
    await this.#do(asked);
  }

  /** Does what was asked for. Its answer is the last event that came of it; a session that ends gives none. */
  async #do({ command, answer }: Asked): Promise<void> {
    try {
      switch (command.kind) {
        case 'undo':
          await this.#undo(command.patch);
          break;
        case 'status':
          this.#tell(await this.#orEnded(this.ports.patches.status(this.#pending)));
          break;
        case 'restart':
          this.#rebuildOwed = true;
          await this.#answer(this.#take());
          break;
      }
      answer(this.#told);
    } catch (thrown) {
      if (thrown instanceof Ended) {
        answer(undefined);
        throw thrown;
      }
      this.#tell({ event: 'refused', reasons: reasonsOf(thrown), action: 'none' });
      answer(this.#told);
    }
  }

  async #undo(patch: number | 'newest'): Promise<void> {
    const askedAt = performance.now();
    const outcome = await this.#orEnded(this.ports.patches.undo(patch));
    if (outcome.kind === 'refused') {
      this.#tell({ event: 'refused', reasons: outcome.reasons, action: 'none' });
      return;
    }
    this.#pending = true;
    this.#tell(undoneEvent(outcome, askedAt));
  }

  /** Everything that a save leads to, until the session can wait for the next one. */
  async #answer(first: Save): Promise<void> {
    let { outcome, save } = await this.#attempt(first);
    if (outcome.kind === 'refused' && (await this.#refused(outcome.reasons)) === 'restart') {
      this.#enter('building');
      this.#rebuildOwed = true;
      ({ outcome, save } = await this.#attempt({ ...save, rebuild: true }));
    }
    await this.#settle(outcome, save);
  }

  async #settle(outcome: Outcome, save: Save): Promise<void> {
    this.#owed = outcome.kind === 'compile-error' ? save.files : new Set();
    this.#pending = !['built', 'patched', 'unchanged'].includes(outcome.kind);
    switch (outcome.kind) {
      case 'built':
        return this.#start(outcome.record);
      case 'build-failed':
        return this.#tell({
          event: 'refused',
          reasons: outcome.reasons,
          action: this.#running === undefined ? 'stop' : 'keep',
        });
      case 'compile-error':
        return this.#tell({ event: 'compile-error', diagnostics: outcome.diagnostics });
      case 'unchanged':
        return this.#tell({ event: 'unchanged', notes: outcome.notes });
      case 'patched':
        return this.#tell(patchedEvent(outcome, save.at));
      case 'refused':
        // Kept: the units stay pending, and the next save tries them again.
        return;
    }
  }

  /** Runs the recipe for a save; a newer save takes over as long as nothing has been sent to the program. */
  async #attempt(first: Save): Promise<{ outcome: Outcome; save: Save }> {
    let save = first;
    for (;;) {
      const abort = new AbortController();
      const running = pipeline(this.ports.stages, save, abort.signal);
      const finished = running.then(
        () => true,
        () => true,
      );
      const newer = this.ports.inbox.arrived().then(() => false);
      try {
        if (!(await this.#orEnded(Promise.race([finished, newer])))) abort.abort();
        return { outcome: await this.#orEnded(running), save };
      } catch (thrown) {
        if (thrown instanceof Ended) {
          abort.abort();
          await finished;
          throw thrown;
        }
        if (!abort.signal.aborted) return { outcome: failure(thrown, save), save };
      }
      // Superseded: whoever saved first has waited since then, and gets the answer to both.
      save = this.#merge(save);
    }
  }

  async #refused(reasons: readonly Reason[]): Promise<RefusalAction> {
    const action = await this.#decide(reasons);
    this.#tell({ event: 'refused', reasons, action });
    return action;
  }

  async #decide(reasons: readonly Reason[]): Promise<RefusalAction> {
    // A restart would take the program out of the debugger's hands.
    if (reasons.every(({ code }) => code === 'debugger-breakpoint')) return 'keep';
    if (this.ports.onRefused !== 'ask') return this.ports.onRefused;
    this.#enter('asking');
    const abort = new AbortController();
    const answer = this.ports.ask(reasons, abort.signal).catch(() => false);
    try {
      const moot = this.#moot(abort.signal).then(() => false);
      const restart = await this.#orEnded(Promise.race([answer, moot]));
      return restart ? 'restart' : 'keep';
    } finally {
      abort.abort();
    }
  }

  /**
   * Resolves when an open question needs no answer any more: a newer save is answered by the next attempt, and a
   * command says what to do. The question for the state is answered meanwhile.
   */
  async #moot(signal: AbortSignal): Promise<void> {
    const { inbox, commands } = this.ports;
    for (;;) {
      await Promise.race([inbox.arrived(), commands.arrived()]);
      const asked = signal.aborted ? undefined : commands.take('status');
      if (asked === undefined) return;
      await this.#do(asked);
    }
  }

  async #start(record: BuildRecord): Promise<void> {
    const restart = this.#running !== undefined;
    this.#enter('starting');
    const { pid, unpatchable } = await this.#orEnded(this.ports.program.start(record));
    this.#running = record;
    this.#rebuildOwed = false;
    if (unpatchable.length > 0) {
      this.#tell({ event: 'refused', reasons: unpatchable, action: 'keep' });
    }
    const { path: image, buildId } = record.image;
    this.#tell(restart ? { event: 'restarted', pid } : { event: 'ready', pid, image, buildId });
  }

  #take(): Save {
    const taken = this.ports.inbox.take();
    const at = taken?.at ?? performance.now();
    const files = new Set([...this.#owed, ...(taken?.files ?? [])]);
    return { files, at, rebuild: this.#rebuildOwed };
  }

  #merge(older: Save): Save {
    const newer = this.#take();
    return {
      files: new Set([...older.files, ...newer.files]),
      at: Math.min(older.at, newer.at),
      rebuild: older.rebuild || newer.rebuild,
    };
  }

  /** @throws Ended when the program ends, or the session is stopped, before the work is done. */
  async #orEnded<T>(work: Promise<T>): Promise<T> {
    const first = await Promise.race([work, this.#ended]);
    if (first instanceof Ended) throw first;
    return first;
  }

  #tell(event: SessionEvent): void {
    this.#told = event;
    this.ports.report.event(event);
  }

  #enter(next: State): void {
    const allowed: readonly string[] = TRANSITIONS[this.#state];
    if (!allowed.includes(next)) throw new Error(`a session cannot go from ${this.#state} to ${next}`);
    this.#state = next;
  }
}
