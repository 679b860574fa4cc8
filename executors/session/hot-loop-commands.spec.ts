import { Refusal } from '../pipeline/refusal';
import { Bench, BROKEN, type CompileAnswer, gate, LAYOUT, RECORD, RESULT } from './testing/loop-bench';

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
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
