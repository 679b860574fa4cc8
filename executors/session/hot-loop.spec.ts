import type { BuildRecord, Reason } from '../pipeline/artifacts';
import type { Save, Stages } from '../pipeline/pipeline';
import { Refusal } from '../pipeline/refusal';
import type { TakenBack } from '../pipeline/undo';
import { Commands, type Patches } from './commands';
import type { SessionEvent } from './events';
import { type Exit, HotLoop, type HotLoopPorts } from './hot-loop';
import { Inbox } from './inbox';

const LAYOUT: Reason = { code: 'layout', subject: 'app::State', message: 'It grew.', remedy: 'Restart.' };
const BROKEN: Reason = { code: 'build-failed', subject: 'app', message: 'It does not.', remedy: 'Correct.' };
const RECORD = { image: { path: '/target/app', buildId: 'abc' } } as unknown as BuildRecord;

/** A promise that the test settles. */
function gate<T>() {
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

type CompileAnswer = Awaited<ReturnType<Stages['compile']>>;

/**
 * A session without processes and files. Stages succeed at once; a test replaces the ones that it is about, and awaits
 * events.
 */
class Bench {
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
      return { kind: 'planned', id: 1, compiled: RESULT, functions, writes: 0, notes: [], refused: [] };
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
        diagnostics: () => {},
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

const RESULT = { ok: true, units: [], diagnostics: [], ms: 1 };
const COMPILE_ERROR: CompileAnswer = { kind: 'compile-error', diagnostics: [] };

const TAKEN_BACK: TakenBack = {
  kind: 'taken-back',
  patches: [1],
  functions: [{ name: 'app::hello', symbol: '_ZN', change: 'restored' }],
  acknowledgements: [{ pid: 7, patch: 2, functions: [], ms: { load: 1, apply: 2 }, pauseUs: 9, busy: [] }],
  at: 0,
  ms: 0,
};

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

/** A compile that ends only when it is aborted. */
function endless(started: () => void): (signal: AbortSignal) => Promise<CompileAnswer> {
  return (signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      started();
    });
}

test('builds, starts, and says that it is ready', async () => {
  const run = bench.run();
  expect(await bench.hear(0)).toEqual({ event: 'ready', pid: 7, image: '/target/app', buildId: 'abc' });
  await bench.end(run);
  expect(await run).toEqual({ pid: 7, code: 0, signal: null });
  expect(bench.names).toEqual(['ready', 'exited']);
});

test('a save becomes a patch, timed from its notification', async () => {
  const run = bench.run();
  await bench.hear(0);
  const patched = await bench.saveAndHear('a.rs');
  expect(patched).toMatchObject({
    event: 'patched',
    patch: 1,
    pids: [7],
    bytes: 8,
    functions: [{ name: 'app::hello' }],
    ms: { load: 1, apply: 2 },
    pauseUs: 41,
    busy: [{ name: 'app::hello', symbol: '_ZN', pid: 7, threads: ['main (7)', 'worker (8)'] }],
  });
  expect(patched.event === 'patched' && patched.ms.total).toBeGreaterThan(0);
  expect([...(bench.saves[1]?.files ?? [])]).toEqual(['a.rs']);
  await bench.end(run);
});

test('a program that cannot be built is not started, and the reason is told', async () => {
  bench.build = () => Promise.reject(new Refusal([BROKEN]));
  expect(await bench.run()).toBeUndefined();
  expect(bench.events).toEqual([{ event: 'refused', reasons: [BROKEN], action: 'stop' }]);
  expect(bench.starts).toBe(0);
});

test('a save during a compile aborts it and takes over, with the files of both', async () => {
  const begun = gate<void>();
  bench.compiles = [endless(() => begun.open())];
  const run = bench.run();
  await bench.hear(0);
  bench.save('a.rs');
  await begun.passed;
  expect(await bench.saveAndHear('b.rs')).toMatchObject({ event: 'patched' });
  expect([...(bench.saves[2]?.files ?? [])].sort()).toEqual(['a.rs', 'b.rs']);
  expect(bench.saves[2]?.at).toBe(bench.saves[1]?.at);
  expect(bench.names).toEqual(['ready', 'patched']);
  await bench.end(run);
});

test('a save while a patch is on its way waits for it', async () => {
  const loading = gate<void>();
  const onItsWay = gate<void>();
  bench.load = () => {
    onItsWay.open();
    return loading.passed;
  };
  const run = bench.run();
  await bench.hear(0);
  bench.save('a.rs');
  await onItsWay.passed;
  bench.save('b.rs');
  await bench.inbox.arrived();
  loading.open();
  await bench.hear(2);
  expect(bench.names).toEqual(['ready', 'patched', 'patched']);
  expect([...(bench.saves[2]?.files ?? [])]).toEqual(['b.rs']);
  await bench.end(run);
});

test('what did not compile is compiled again with the next save', async () => {
  bench.compiles = [async () => COMPILE_ERROR];
  const run = bench.run();
  await bench.hear(0);
  expect(await bench.saveAndHear('a.rs')).toEqual({ event: 'compile-error', diagnostics: [] });
  expect(await bench.saveAndHear('b.rs')).toMatchObject({ event: 'patched' });
  expect([...(bench.saves[2]?.files ?? [])].sort()).toEqual(['a.rs', 'b.rs']);
  expect(bench.saves[2]?.at).toBeGreaterThan(bench.saves[1]?.at ?? 0);
  await bench.end(run);
});

test('a refused change restarts the program with a new build', async () => {
  bench.refusals = [[LAYOUT]];
  const run = bench.run();
  await bench.hear(0);
  bench.save('a.rs');
  expect(await bench.hear(1)).toEqual({ event: 'refused', reasons: [LAYOUT], action: 'restart' });
  expect(await bench.hear(2)).toEqual({ event: 'restarted', pid: 8 });
  expect(bench.builds).toBe(2);
  expect(await bench.saveAndHear('a.rs')).toMatchObject({ event: 'patched' });
  await bench.end(run);
});

test('when the new build fails the old program runs on, and the next save builds again', async () => {
  bench.refusals = [[LAYOUT]];
  const run = bench.run();
  await bench.hear(0);
  bench.build = () => Promise.reject(new Refusal([BROKEN]));
  bench.save('a.rs');
  expect(await bench.hear(2)).toEqual({ event: 'refused', reasons: [BROKEN], action: 'keep' });
  expect(bench.starts).toBe(1);
  bench.build = () => Promise.resolve(RECORD);
  expect(await bench.saveAndHear('b.rs')).toEqual({ event: 'restarted', pid: 8 });
  await bench.end(run);
});

test('kept refusals leave the program alone and are tried again with the next save', async () => {
  bench.onRefused = 'keep';
  bench.refusals = [[LAYOUT]];
  const run = bench.run();
  await bench.hear(0);
  expect(await bench.saveAndHear('a.rs')).toEqual({ event: 'refused', reasons: [LAYOUT], action: 'keep' });
  expect(await bench.saveAndHear('b.rs')).toMatchObject({ event: 'patched' });
  expect(bench.starts).toBe(1);
  await bench.end(run);
});

test.each([
  [true, ['ready', 'refused', 'restarted']],
  [false, ['ready', 'refused']],
])('asked, a person decides (%s)', async (yes, names) => {
  bench.onRefused = 'ask';
  bench.ask = () => Promise.resolve(yes);
  bench.refusals = [[LAYOUT]];
  const run = bench.run();
  await bench.hear(0);
  bench.save('a.rs');
  await bench.hear(names.length - 1);
  expect(bench.names).toEqual(names);
  await bench.end(run);
});

test('a save makes an open question moot', async () => {
  const asked = gate<void>();
  bench.onRefused = 'ask';
  bench.ask = () => {
    asked.open();
    return new Promise(() => {});
  };
  bench.refusals = [[LAYOUT]];
  const run = bench.run();
  await bench.hear(0);
  bench.save('a.rs');
  await asked.passed;
  bench.save('b.rs');
  await bench.hear(2);
  expect(bench.names).toEqual(['ready', 'refused', 'patched']);
  await bench.end(run);
});

test('the question for the state leaves an open question open, a command for the program answers it', async () => {
  const asked = gate<void>();
  bench.onRefused = 'ask';
  bench.ask = () => {
    asked.open();
    return new Promise(() => {});
  };
  bench.refusals = [[LAYOUT]];
  const run = bench.run();
  await bench.hear(0);
  bench.save('a.rs');
  await asked.passed;
  expect(await bench.commands.ask({ kind: 'status' })).toMatchObject({ event: 'status' });
  expect(bench.names).toEqual(['ready', 'status']);
  expect(await bench.commands.ask({ kind: 'restart' })).toMatchObject({ event: 'restarted' });
  expect(bench.names).toEqual(['ready', 'status', 'refused', 'restarted']);
  await bench.end(run);
});

test('a stage that fails unexpectedly refuses the change, it does not end the session', async () => {
  bench.compiles = [() => Promise.reject(new Error('unit 3 is not an object file'))];
  bench.onRefused = 'keep';
  const run = bench.run();
  await bench.hear(0);
  expect(await bench.saveAndHear('a.rs')).toMatchObject({
    event: 'refused',
    reasons: [{ code: 'internal-error', message: 'unit 3 is not an object file' }],
  });
  expect(await bench.saveAndHear('a.rs')).toMatchObject({ event: 'patched' });
  await bench.end(run);
});

test('the exit of the program ends the session and the compile under way', async () => {
  const begun = gate<void>();
  let aborted = false;
  bench.compiles = [
    (signal) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return endless(() => begun.open())(signal);
    },
  ];
  const run = bench.run();
  await bench.hear(0);
  bench.save('a.rs');
  await begun.passed;
  bench.exit.open({ pid: 7, code: null, signal: 'SIGSEGV' });
  expect(await run).toEqual({ pid: 7, code: null, signal: 'SIGSEGV' });
  expect(aborted).toBe(true);
  expect(bench.events.at(-1)).toEqual({ event: 'exited', pid: 7, code: null, signal: 'SIGSEGV' });
});

test('a stop during the first build ends the session without a program', async () => {
  const begun = gate<void>();
  bench.build = (signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      begun.open();
    });
  const run = bench.run();
  await begun.passed;
  bench.stop.abort();
  expect(await run).toBeUndefined();
  expect(bench.events).toEqual([]);
});

test('a patch is taken back when that is asked for, and the sources are ahead from then on', async () => {
  const run = bench.run();
  await bench.hear(0);
  await bench.saveAndHear('a.rs');
  const answer = await bench.commands.ask({ kind: 'undo', patch: 1 });
  expect(answer).toMatchObject({ event: 'undone', patches: [1], pids: [7], pauseUs: 9 });
  expect(bench.undone).toEqual([1]);
  expect(await bench.commands.ask({ kind: 'status' })).toMatchObject({ event: 'status', pending: true });
  await bench.saveAndHear('a.rs');
  expect(await bench.commands.ask({ kind: 'status' })).toMatchObject({ pending: false });
  expect(bench.names).toEqual(['ready', 'patched', 'undone', 'status', 'patched', 'status']);
  await bench.end(run);
});

test('an undo that is refused changes nothing, and the session goes on', async () => {
  bench.undo = async () => ({ kind: 'refused', reasons: [LAYOUT] });
  const run = bench.run();
  await bench.hear(0);
  expect(await bench.commands.ask({ kind: 'undo', patch: 'newest' })).toEqual({
    event: 'refused',
    reasons: [LAYOUT],
    action: 'none',
  });
  expect(bench.starts).toBe(1);
  expect(await bench.saveAndHear('a.rs')).toMatchObject({ event: 'patched' });
  await bench.end(run);
});

test('an undo that fails unexpectedly is a refusal, not the end', async () => {
  bench.undo = () => Promise.reject(new Error('the engine has no plan 3'));
  const run = bench.run();
  await bench.hear(0);
  expect(await bench.commands.ask({ kind: 'undo', patch: 'newest' })).toMatchObject({
    event: 'refused',
    reasons: [{ code: 'internal-error', message: 'the engine has no plan 3' }],
    action: 'none',
  });
  await bench.end(run);
});

test('a command during a compile is done after it', async () => {
  const begun = gate<void>();
  const compiled = gate<CompileAnswer>();
  bench.compiles = [
    () => {
      begun.open();
      return compiled.passed;
    },
  ];
  const run = bench.run();
  await bench.hear(0);
  bench.save('a.rs');
  await begun.passed;
  const answer = bench.commands.ask({ kind: 'undo', patch: 'newest' });
  compiled.open({ kind: 'compiled', result: RESULT });
  await answer;
  expect(bench.names).toEqual(['ready', 'patched', 'undone']);
  await bench.end(run);
});

test('a restart that is asked for builds and starts anew', async () => {
  const run = bench.run();
  await bench.hear(0);
  expect(await bench.commands.ask({ kind: 'restart' })).toEqual({ event: 'restarted', pid: 8 });
  expect([bench.builds, bench.starts]).toEqual([2, 2]);
  await bench.end(run);
});

test('a restart that does not build is answered with the reason, and the next save builds', async () => {
  const run = bench.run();
  await bench.hear(0);
  bench.build = () => Promise.reject(new Refusal([BROKEN]));
  expect(await bench.commands.ask({ kind: 'restart' })).toEqual({
    event: 'refused',
    reasons: [BROKEN],
    action: 'keep',
  });
  bench.build = () => Promise.resolve(RECORD);
  expect(await bench.saveAndHear('a.rs')).toMatchObject({ event: 'restarted' });
  await bench.end(run);
});

test('the end of the program leaves no command without an answer', async () => {
  const asked = gate<void>();
  bench.undo = () => {
    asked.open();
    return new Promise(() => {});
  };
  const run = bench.run();
  await bench.hear(0);
  const answers = [
    bench.commands.ask({ kind: 'undo', patch: 'newest' }),
    bench.commands.ask({ kind: 'status' }),
  ];
  await asked.passed;
  await bench.end(run);
  expect(await Promise.all(answers)).toEqual([undefined, undefined]);
  expect(bench.names).toEqual(['ready', 'exited']);
});
