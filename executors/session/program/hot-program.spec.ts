import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BuildRecord } from '../../pipeline/artifacts';
import type { LoaderServer } from '../loader-connection/server';
import type { Death } from './deaths';
import { HotProgram, type HotProgramOptions } from './hot-program';

const SCRIPT = join(__dirname, '../testing/program.mjs');
const RECORD = {
  targetDir: '/target',
  image: { path: process.execPath, crate: 'app', buildId: 'abc123' },
  crates: [],
} as unknown as BuildRecord;

let program: HotProgram;
let servers: LoaderServer[];
let deaths: Death[];

function make(mode: string, options: Partial<HotProgramOptions> = {}, buildId = 'abc123'): HotProgram {
  servers = [];
  deaths = [];
  program = new HotProgram(
    {
      args: [SCRIPT, buildId, mode],
      loader: '/loader.so',
      cwd: __dirname,
      env: {},
      version: '0.1.0',
      graceMs: 60_000,
      helloMs: 60_000,
      ...options,
    },
    {
      started: async (_record, server) => {
        servers.push(server);
      },
      refused: () => {},
      input: async () => 'ignore',
      waiting: () => {},
      crashed: async (_record, death) => {
        deaths.push(death);
      },
    },
  );
  return program;
}

afterEach(() => program.close());

/** A process that has ended stays in the list, as a zombie, until its parent looks. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

function folder(server: LoaderServer | undefined): string {
  return dirname(server?.environment.NX_HOTPATCH_SOCKET ?? '');
}

test('a start is complete when the loader has reported', async () => {
  const { pid, unpatchable } = await make('run').start(RECORD);
  expect(unpatchable).toEqual([]);
  expect(servers[0]?.pids).toEqual([pid]);
});

test('the exit of the program is told with its code', async () => {
  void make('exit=7').start(RECORD);
  expect(await program.exited).toMatchObject({ code: 7, signal: null });
});

test('a restart replaces the process, its socket and its folder, and is no exit', async () => {
  const first = await make('run').start(RECORD);
  const second = await program.start(RECORD);
  expect(second.pid).not.toBe(first.pid);
  expect(isAlive(first.pid)).toBe(false);
  expect(existsSync(folder(servers[0]))).toBe(false);
  expect(existsSync(folder(servers[1]))).toBe(true);
  program.shutdown('SIGTERM', false);
  expect(await program.exited).toEqual({ pid: second.pid, code: null, signal: 'SIGTERM' });
});

test('a program that ignores SIGTERM is killed after its grace', async () => {
  const first = await make('stubborn', { graceMs: 10 }).start(RECORD);
  await program.start(RECORD);
  expect(isAlive(first.pid)).toBe(false);
});

test('asked twice to end, the program is killed at once', async () => {
  await make('stubborn').start(RECORD);
  program.shutdown('SIGTERM', false);
  program.shutdown('SIGTERM', false);
  expect(await program.exited).toMatchObject({ signal: 'SIGKILL' });
});

test('a child that outlives the program is ended with it', async () => {
  await make('fork', { graceMs: 200 }).start(RECORD);
  const server = servers[0] as LoaderServer;
  while (server.pids.length < 2) await new Promise((resolve) => setImmediate(resolve));
  const pids = server.pids;
  program.shutdown('SIGTERM', false);
  await program.exited;
  await program.close();
  expect(pids.map(isAlive)).toEqual([false, false]);
});

test('a loader of another image makes the program one that cannot be patched', async () => {
  const { unpatchable } = await make('run', {}, 'fff').start(RECORD);
  expect(unpatchable).toMatchObject([{ code: 'foreign-image' }]);
});

test('a loader of another protocol is known as such at once, and its program runs', async () => {
  const { pid, unpatchable } = await make('foreign').start(RECORD);
  expect(unpatchable).toMatchObject([
    { code: 'version', subject: `process ${pid}`, message: expect.stringContaining('9.0.0 (protocol 3)') },
  ]);
  expect(isAlive(pid)).toBe(true);
});

test('a program whose loader says nothing runs, and is known not to be patchable', async () => {
  const { pid, unpatchable } = await make('silent', { helloMs: 10 }).start(RECORD);
  expect(unpatchable).toMatchObject([{ code: 'not-connected', subject: `process ${pid}` }]);
  expect(isAlive(pid)).toBe(true);
});

test('a file that does not start is one sentence', async () => {
  const image = { ...RECORD.image, path: '/nowhere/app' };
  await expect(make('run').start({ ...RECORD, image })).rejects.toThrow(/\/nowhere\/app does not start in/);
});

test('a shutdown before the process is there keeps it from starting', async () => {
  make('run');
  void program.start(RECORD);
  expect(program.shutdown('SIGINT', false)).toBe(false);
  await program.close();
  expect(servers).toEqual([]);
});

test('a crash is told with the patches and the last word before the exit is', async () => {
  await make('crash').start(RECORD);
  const server = servers[0] as LoaderServer;
  const image = { patch: 1, bytes: Buffer.from('image') };
  await Promise.all(server.deliver(image).map(({ outcome }) => outcome));
  server.keep(image);
  expect(await program.exited).toMatchObject({ signal: 'SIGSEGV' });
  expect(deaths).toMatchObject([{ signal: 'SIGSEGV', patches: [image], crash: { signal: 11 } }]);
});

test('closing leaves no process and no folder', async () => {
  const { pid } = await make('run').start(RECORD);
  const path = folder(servers[0]);
  await program.close();
  expect(isAlive(pid)).toBe(false);
  expect(readdirSync(dirname(path))).not.toContain(path.split('/').pop());
});
