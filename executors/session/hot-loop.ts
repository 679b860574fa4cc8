import { performance } from 'node:perf_hooks';
import type { BuildRecord, Diagnostic, Reason } from '../pipeline/artifacts';
import { type Outcome, type PatchedOutcome, pipeline, type Save, type Stages } from '../pipeline/pipeline';
import { Refusal } from '../pipeline/refusal';
import type { RefusalAction, SessionEvent } from './events';
import type { Inbox } from './inbox';

/**
 * What a session can be doing, and what it can do next.
 *
 *     building -> starting -> watching <-> patching -> asking -> building -> starting ...
 *
 * Building is the first build or one for a restart; while it goes on for a restart, the old program runs on.
 * The program's own exit, and being told to stop, lead from everywhere to `ended`.
 */
const TRANSITIONS = {
  building: ['starting', 'watching', 'ended'],
  starting: ['watching', 'ended'],
  watching: ['patching', 'building', 'ended'],
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
  /** rustc's messages, as rendered. */
  diagnostics(diagnostics: readonly Diagnostic[]): void;
  /** A save has arrived and is being worked on: what is told from here on is about it. */
  saved(): void;
}

export interface HotLoopPorts {
  readonly stages: Stages;
  readonly program: Program;
  readonly inbox: Inbox;
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
        await this.#orEnded(this.ports.inbox.arrived());
        const save = this.#take();
        this.#enter(save.rebuild ? 'building' : 'patching');
        this.ports.report.saved();
        await this.#answer(save);
      }
      this.#enter('ended');
      return undefined;
    } catch (thrown) {
      if (!(thrown instanceof Ended)) throw thrown;
      this.#enter('ended');
      if (thrown.exit !== undefined) this.ports.report.event({ event: 'exited', ...thrown.exit });
      return thrown.exit;
    }
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
    const { report } = this.ports;
    this.#owed = outcome.kind === 'compile-error' ? save.files : new Set();
    switch (outcome.kind) {
      case 'built':
        return this.#start(outcome.record);
      case 'build-failed':
        return report.event({
          event: 'refused',
          reasons: outcome.reasons,
          action: this.#running === undefined ? 'stop' : 'keep',
        });
      case 'compile-error':
        report.diagnostics(outcome.diagnostics);
        return report.event({ event: 'compile-error', diagnostics: outcome.diagnostics });
      case 'unchanged':
        return report.event({ event: 'unchanged', notes: outcome.notes });
      case 'patched':
        return report.event(patchedEvent(outcome, save.at));
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
    this.ports.report.event({ event: 'refused', reasons, action });
    return action;
  }

  async #decide(reasons: readonly Reason[]): Promise<RefusalAction> {
    if (this.ports.onRefused !== 'ask') return this.ports.onRefused;
    this.#enter('asking');
    const abort = new AbortController();
    // A newer save makes the question moot: it will be answered by the next attempt.
    const answer = this.ports.ask(reasons, abort.signal).catch(() => false);
    try {
      const restart = await this.#orEnded(
        Promise.race([answer, this.ports.inbox.arrived().then(() => false)]),
      );
      return restart ? 'restart' : 'keep';
    } finally {
      abort.abort();
    }
  }

  async #start(record: BuildRecord): Promise<void> {
    const restart = this.#running !== undefined;
    this.#enter('starting');
    const { pid, unpatchable } = await this.#orEnded(this.ports.program.start(record));
    this.#running = record;
    this.#rebuildOwed = false;
    if (unpatchable.length > 0) {
      this.ports.report.event({ event: 'refused', reasons: unpatchable, action: 'keep' });
    }
    const { path: image, buildId } = record.image;
    this.ports.report.event(restart ? { event: 'restarted', pid } : { event: 'ready', pid, image, buildId });
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

  #enter(next: State): void {
    const allowed: readonly string[] = TRANSITIONS[this.#state];
    if (!allowed.includes(next)) throw new Error(`a session cannot go from ${this.#state} to ${next}`);
    this.#state = next;
  }
}

function patchedEvent(outcome: PatchedOutcome, savedAt: number): SessionEvent {
  const { plan, image, acknowledgements, ms } = outcome;
  return {
    event: 'patched',
    patch: image.patch,
    pids: acknowledgements.map(({ pid }) => pid),
    functions: plan.functions,
    bytes: image.bytes.length,
    ms: {
      ...ms,
      load: Math.max(...acknowledgements.map((each) => each.ms.load)),
      apply: Math.max(...acknowledgements.map((each) => each.ms.apply)),
      total: outcome.at - savedAt,
    },
    notes: plan.notes,
  };
}

/** A build has no running code to disagree with: whatever stops it means that there is no new program. */
function failure(thrown: unknown, save: Save): Outcome {
  const reasons = thrown instanceof Refusal ? thrown.reasons : [internalError(thrown)];
  return save.rebuild ? { kind: 'build-failed', reasons } : { kind: 'refused', reasons };
}

function internalError(thrown: unknown): Reason {
  return {
    code: 'internal-error',
    subject: 'nx-hotpatch',
    message: thrown instanceof Error ? thrown.message : String(thrown),
    remedy: 'Restart the program; if it happens again, report it with this message.',
  };
}
