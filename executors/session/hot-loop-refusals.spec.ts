import { Refusal } from '../pipeline/refusal';
import { Bench, BROKEN, gate, LAYOUT, RECORD } from './testing/loop-bench';

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
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
