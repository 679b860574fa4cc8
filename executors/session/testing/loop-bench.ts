import type { BuildRecord, Reason } from '../../pipeline/artifacts';
import type { Save, Stages } from '../../pipeline/pipeline';
import type { TakenBack } from '../../pipeline/undo';
import { Commands, type Patches } from '../commands';
import type { SessionEvent } from '../events';
import { type Exit, HotLoop, type HotLoopPorts } from '../hot-loop';
import { Inbox } from '../inbox';

export const LAYOUT: Reason = {
  code: 'layout',
  subject: 'app::State',
  message: 'It grew.',
  remedy: 'Restart.',
};
export const BROKEN: Reason = {
  code: 'build-failed',
  subject: 'app',
  message: 'It does not.',
  remedy: 'Correct.',
};
export const RECORD = { image: { path: '/target/app', buildId: 'abc' } } as unknown as BuildRecord;

/** A promise that the test settles. */
export function gate<T>() {
  let open: (value: T) => void = () => {};
  const passed = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

const BUSY = [
  { symbol: '_ZN', old: '0x1000', threads: ['main (7)'] },
  { symbol: '_ZN', old: '0x2000', threads: ['main (7)', 'worker (8)'] },
];

export type CompileAnswer = Awaited<ReturnType<Stages['compile']>>;

/**
 * A session without processes and files. Stages succeed at once; a test replaces the ones that it is about, and awaits
 * events.
 */
export class Bench {
  readonly events: SessionEvent[] = [];
  readonly saves: Save[] = [];
  readonly inbox = new Inbox();
  readonly commands = new Commands();
  /** How often the session had nothing to do. */
  rests = 0;
  undone: (number | 'newest')[] = [];
  undo: Patches['undo'] = async () => TAKEN_BACK;
  status: Patches['status'] = async (pending) => ({
    event: 'status',
    pids: [7],
    patches: [],
    live: 0,
    bytes: 0,
    pending,
  });
  readonly exit = gate<Exit>();
  readonly stop = new AbortController();
  onRefused: HotLoopPorts['onRefused'] = 'restart';
  ask: () => Promise<boolean> = () => Promise.resolve(false);
  starts = 0;
  builds = 0;
  /** What the next compiles do; without one, they succeed. */
  compiles: ((signal: AbortSignal) => Promise<CompileAnswer>)[] = [];
  refusals: (readonly Reason[])[] = [];
  build: (signal: AbortSignal) => Promise<BuildRecord> = () => Promise.resolve(RECORD);
  load: () => Promise<void> = () => Promise.resolve();
  #waiting: (() => void)[] = [];

  readonly stages: Stages = {
    capture: async (save, signal) => {
      this.saves.push(save);
      if (!save.rebuild) return { kind: 'current' };
      this.builds += 1;
      return { kind: 'built', record: await this.build(signal) };
    },
    compile: async (_save, signal) => {
      const next = this.compiles.shift();
      return next ? next(signal) : { kind: 'compiled', result: RESULT };
    },
    diff: async () => {
      const reasons = this.refusals.shift();
      if (reasons) return { kind: 'refused', reasons };
      const functions = [{ name: 'app::hello', symbol: '_ZN', change: 'changed' as const }];
      return {
        kind: 'planned',
        id: 1,
        compiled: RESULT,
        functions,
        writes: 0,
        notes: [],
        refused: [],
        layouts: [],
      };
    },
    link: async (plan) => ({
      kind: 'linked',
      plan,
      image: { patch: 1, bytes: Buffer.alloc(8) },
      memory: 4096,
      tlsUsed: 0,
    }),
    load: async (linked) => {
      await this.load();
      return { linked, deliveries: [] };
    },
    apply: async ({ linked: { plan, image } }) => {
      const acknowledgement = {
        pid: 7,
        patch: 1,
        functions: [],
        ms: { load: 1, apply: 2 },
        pauseUs: 41,
        busy: BUSY,
      };
      return { kind: 'patched', plan, image, acknowledgements: [acknowledgement], at: performance.now() };
    },
  };

  run(): Promise<Exit | undefined> {
    const loop = new HotLoop({
      stages: this.stages,
      program: {
        start: async () => {
          this.starts += 1;
          return { pid: 6 + this.starts, unpatchable: [] };
        },
        exited: this.exit.passed,
      },
      inbox: this.inbox,
      commands: this.commands,
      patches: {
        undo: (patch) => {
          this.undone.push(patch);
          return this.undo(patch);
        },
        status: (pending) => this.status(pending),
        rest: () => {
          this.rests += 1;
        },
      },
      report: {
        event: (event) => {
          this.events.push(event);
          for (const resolve of this.#waiting.splice(0)) resolve();
        },
        saved: () => {},
      },
      onRefused: this.onRefused,
      ask: () => this.ask(),
      stop: this.stop.signal,
    });
    return loop.run();
  }

  save(...files: string[]): void {
    this.inbox.put(files, performance.now());
  }

  /** Saves, and waits for the session's next event. */
  async saveAndHear(...files: string[]): Promise<SessionEvent> {
    const next = this.events.length;
    this.save(...files);
    return this.hear(next);
  }

  async hear(n: number): Promise<SessionEvent> {
    for (;;) {
      const event = this.events[n];
      if (event) return event;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  get names(): readonly string[] {
    return this.events.map(({ event }) => event);
  }

  async end(run: Promise<Exit | undefined>): Promise<void> {
    this.exit.open({ pid: 7, code: 0, signal: null });
    await run;
  }
}

export const RESULT = { ok: true, units: [], diagnostics: [], crates: [], ms: 1 };
export const COMPILE_ERROR: CompileAnswer = { kind: 'compile-error', diagnostics: [] };

const TAKEN_BACK: TakenBack = {
  kind: 'taken-back',
  patches: [1],
  functions: [{ name: 'app::hello', symbol: '_ZN', change: 'restored' }],
  acknowledgements: [{ pid: 7, patch: 2, functions: [], ms: { load: 1, apply: 2 }, pauseUs: 9, busy: [] }],
  at: 0,
  ms: 0,
};

/** A compile that ends only when it is aborted. */
export function endless(started: () => void): (signal: AbortSignal) => Promise<CompileAnswer> {
  return (signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      started();
    });
}
