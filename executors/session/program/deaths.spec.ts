import type { Crashed, Hello } from '../loader-connection/messages';
import type { Departed, LoaderServer } from '../loader-connection/server';
import { type Death, Deaths } from './deaths';

const GONE = { departed: async () => true } as unknown as LoaderServer;
const PATCH = { patch: 1, bytes: Buffer.alloc(0) };
const SEGV = { signal: 11 } as Crashed;

function departed(pid: number, changes: Partial<Departed> = {}): Departed {
  return { hello: { pid } as Hello, patches: [PATCH], crash: undefined, ...changes };
}

let told: Death[];
let deaths: Deaths;
beforeEach(() => {
  told = [];
  deaths = new Deaths(async (death) => {
    told.push(death);
  });
});

const exited = (signal: NodeJS.Signals | null, byUs = false) =>
  deaths.exited({ code: signal === null ? 0 : null, signal }, 7, GONE, { byUs });

test('a signal that ends a patched process is told with its last word', async () => {
  deaths.departed(departed(7, { crash: SEGV }), true);
  await exited('SIGSEGV');
  expect(told).toMatchObject([{ hello: { pid: 7 }, signal: 'SIGSEGV', crash: SEGV, patches: [PATCH] }]);
});

test.each<[string, NodeJS.Signals | null, boolean]>([
  ['a plain exit', null, false],
  ['being told to end', 'SIGTERM', false],
  ['Ctrl-C', 'SIGINT', false],
  ['being killed by this session', 'SIGKILL', true],
])('%s is no crash', async (_what, signal, byUs) => {
  deaths.departed(departed(7), true);
  await exited(signal, byUs);
  expect(told).toEqual([]);
});

test('a crash while it is told to end is one', async () => {
  deaths.departed(departed(7, { crash: SEGV }), true);
  await exited('SIGSEGV', true);
  expect(told).toHaveLength(1);
});

test('a program without patches crashes on its own account', async () => {
  deaths.departed(departed(7, { patches: [], crash: SEGV }), true);
  await exited('SIGSEGV');
  expect(told).toEqual([]);
});

test('a forked process tells of its crash itself, and says nothing when it simply ends', async () => {
  deaths.departed(departed(8, { crash: { ...SEGV, signal: 6 } }), false);
  deaths.departed(departed(9), false);
  await deaths.settled();
  expect(told.map(({ hello, signal }) => [hello.pid, signal])).toEqual([[8, 'SIGABRT']]);
});
