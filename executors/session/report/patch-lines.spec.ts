import type { CrashedEvent, PatchStatus, SessionEvent } from '../events';
import { lines } from './lines';
import { paintFor } from './paint';
import { patchList, size } from './status-lines';

const SUBJECT = { name: 'app', crates: ['app'] };
const told = (event: SessionEvent) => lines(event, SUBJECT, paintFor(false));

const crash: CrashedEvent = {
  event: 'crashed',
  pid: 7,
  signal: 'SIGSEGV',
  thread: 'worker',
  address: '0x8',
  where: 'in-patch',
  patch: 3,
  function: 'app::work',
  frames: [
    {
      address: '0x5010',
      function: 'app::work',
      offset: 16,
      patch: 3,
      at: 'app/src/main.rs:9',
      certain: true,
    },
    { address: '0x9020', function: 'app::main', offset: 32, patch: null, at: null, certain: false },
  ],
  folder: '/target/hotpatch/crashes/x',
  reproduce: 'nx run app:hotpatch --reproduce=target/hotpatch/crashes/x',
};

test('a crash tells signal, thread, patch, function, the frames and the command', () => {
  expect(told(crash)).toEqual([
    '✗ app (pid 7) crashed: SIGSEGV at 0x8 in thread `worker`',
    '  in app::work of patch 3',
    '    ? marks what the stack suggests',
    '      0x5010 app::work+0x10 [patch 3]  app/src/main.rs:9',
    '    ? 0x9020 app::main+0x20',
    '  kept in /target/hotpatch/crashes/x',
    '  again: nx run app:hotpatch --reproduce=target/hotpatch/crashes/x',
  ]);
});

test('a process that left no word is told without a place', () => {
  const {
    length,
    0: head,
    1: verdict,
  } = told({
    ...crash,
    signal: 'SIGKILL',
    thread: null,
    address: null,
    where: 'unknown',
    frames: [],
    folder: null,
    reproduce: null,
  });
  expect([length, head]).toEqual([2, '✗ app (pid 7) crashed: SIGKILL']);
  expect(verdict).toContain('left no word');
});

test('a patch that threads are in the middle of says which calls go on in the old code', () => {
  const ms = { rustc: 1, diff: 1, link: 1, load: 1, apply: 1, total: 9 };
  const busy = [{ name: 'app::worker', symbol: '_ZN', pid: 7, threads: ['main (7)'] }];
  const [, second] = told({
    event: 'patched',
    patch: 1,
    pids: [7],
    functions: [],
    busy,
    bytes: 1,
    ms,
    pauseUs: 0,
    notes: [],
  });
  expect(second).toBe(
    '  still on a stack: app::worker (thread main (7)): it runs its old code until it returns',
  );
});

test('an undo names the functions that run older code, and what the next save does', () => {
  const functions = [{ name: 'app::work', symbol: '_ZN', change: 'restored' as const }];
  expect(
    told({ event: 'undone', patches: [3, 2], pids: [7], functions, busy: [], ms: 4.4, pauseUs: 0 }),
  ).toEqual([
    '✓ took back patches 2 and 3 in 4 ms: app::work as before',
    '  the sources are ahead of app now: the next save brings them in again',
  ]);
});

test('memory that was freed is a line, memory that was not is none', () => {
  const kept = [{ patch: 9, bytes: 1, by: 'a stack' }];
  const patches = [1, 2, 3].map((patch) => ({ patch, bytes: 4096 }));
  expect(told({ event: 'unloaded', pid: 7, patches, kept })).toEqual([
    '· freed 12 KiB of patches 1 to 3, which nothing can reach any more',
  ]);
  expect(told({ event: 'unloaded', pid: 7, patches: [], kept })).toEqual([]);
});

test('the status lists the latest patches with what they hold and what keeps them', () => {
  const patch = (number: number, changes: Partial<PatchStatus> = {}): PatchStatus => ({
    patch: number,
    state: 'live',
    functions: [`app::f${number}`],
    bytes: 8192,
    keptBy: null,
    ...changes,
  });
  const patches = [
    ...Array.from({ length: 11 }, (_, at) => patch(at + 1, { state: 'unloaded' })),
    patch(12, { state: 'replaced', keptBy: 'the stack of thread main (7)' }),
    patch(13, { functions: ['a', 'b', 'c', 'd'] }),
  ];
  const found = told({ event: 'status', pids: [7], patches, live: 1, bytes: 16_384, pending: true });
  expect([...found.slice(0, 3), ...found.slice(-3)]).toEqual([
    '· app (pid 7): 13 patches, 1 live, 16 KiB',
    '  … 1 earlier',
    '  patch 2  unloaded  8 KiB  app::f2',
    '  patch 12  replaced, kept: the stack of thread main (7)  8 KiB  app::f12',
    '  patch 13  live  8 KiB  a, b, c and 1 more',
    '  the sources are ahead of what runs',
  ]);
  expect(told({ event: 'status', pids: [7, 8], patches: [], live: 0, bytes: 0, pending: false })).toEqual([
    '· app (2 processes: 7, 8) runs as it was built: no patches',
  ]);
});

test('the keys stand below the line that says that the program runs', () => {
  const ready: SessionEvent = { event: 'ready', pid: 7, image: '/app', buildId: 'a' };
  expect(lines(ready, { ...SUBJECT, keys: true }, paintFor(false))).toEqual([
    '✓ app running (pid 7), watching 1 crate',
    '  keys: u undo, s status, r restart, q stop, h help',
  ]);
});

test.each([
  [[3], 'patch 3'],
  [[4, 3], 'patches 3 and 4'],
  [[1, 2, 3], 'patches 1 to 3'],
  [[1, 2, 4], 'patches 1, 2 and 4'],
])('%j are called %s', (patches, text) => {
  expect(patchList(patches)).toBe(text);
});

test.each([
  [1023, '1023 B'],
  [1024, '1 KiB'],
  [3 * 1024 * 1024, '3.0 MiB'],
])('%i bytes are %s', (bytes, text) => {
  expect(size(bytes)).toBe(text);
});
