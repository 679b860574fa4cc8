import { Refusal } from '../pipeline/refusal';
import { Bench, BROKEN, COMPILE_ERROR, endless, gate } from './testing/loop-bench';

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});

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
