import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Command } from '../commands';
import type { SessionEvent } from '../events';
import { tell } from './client';
import { announce, runningSessions, type SessionEntry } from './registry';
import { ControlServer } from './server';

const SUBJECT = { name: 'app', crates: ['app'] };
const RESTARTED: SessionEvent = { event: 'restarted', pid: 8 };

let commands: Command[];
let respond: (command: Command) => Promise<SessionEvent | undefined>;
let server: ControlServer;

beforeEach(async () => {
  commands = [];
  respond = async () => RESTARTED;
  server = await ControlServer.listen({
    command: (command) => {
      commands.push(command);
      return respond(command);
    },
    subject: () => SUBJECT,
  });
});
afterEach(() => server.close());

/** Sends bytes and gives what comes back until the connection ends. */
function exchange(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(server.socket, () => socket.end(bytes));
    socket.on('data', (chunk) => {
      received += chunk.toString();
    });
    socket.once('error', reject);
    socket.once('close', () => resolve(received));
  });
}

test('a command is answered with the event that came of it', async () => {
  expect(await tell(server.socket, { tell: 'undo:3' })).toEqual({ event: RESTARTED, subject: SUBJECT });
  expect(commands).toEqual([{ kind: 'undo', patch: 3 }]);
});

test('the socket is for its user only, and gone with the session', async () => {
  const { socket } = server;
  expect(statSync(dirname(socket)).mode & 0o777).toBe(0o700);
  await server.close();
  expect(existsSync(dirname(socket))).toBe(false);
  await expect(tell(socket, { tell: 'status' })).rejects.toThrow(/does not answer/);
  server = await ControlServer.listen({ command: respond, subject: () => SUBJECT });
});

test('a session that ends before it has an answer says so', async () => {
  respond = async () => undefined;
  expect(await tell(server.socket, { tell: 'restart' })).toEqual({ event: null, subject: SUBJECT });
});

test.each([
  '',
  'undo\n',
  '{"tell":"undo"}',
  '{"tell":7}\n',
  '{"tell":"stop"}\n',
  '{}\n',
  `"${'x'.repeat(5000)}`,
])('what is no request is not answered: %j', async (bytes) => {
  expect(await exchange(bytes)).toBe('');
  expect(commands).toEqual([]);
});

test('closing does not wait for one who has not said what they want', async () => {
  const idle = connect(server.socket);
  await new Promise<void>((resolve) => idle.once('connect', resolve));
  const closed = new Promise<void>((resolve) => idle.once('close', () => resolve()));
  idle.resume();
  await server.close();
  await closed;
  server = await ControlServer.listen({ command: respond, subject: () => SUBJECT });
});

describe('sessions of a target folder', () => {
  let target: string;
  beforeEach(() => {
    target = mkdtempSync(join(tmpdir(), 'nx-hotpatch-spec-'));
  });
  afterEach(() => rmSync(target, { recursive: true }));

  const entry: SessionEntry = {
    pid: process.pid,
    programPid: 4711,
    since: '2026-01-02T03:04:05.000Z',
    args: ['--port=80'],
    packageFolder: '/w/app',
    program: 'app',
    profile: 'dev',
    socket: '/run/session.sock',
  };

  test('are found while they run', () => {
    expect(runningSessions(target)).toEqual([]);
    const unannounce = announce(target, entry);
    expect(runningSessions(target)).toEqual([entry]);
    unannounce();
    expect(runningSessions(target)).toEqual([]);
  });

  test('are announced anew when their program is another process', () => {
    announce(target, entry);
    const unannounce = announce(target, { ...entry, programPid: 4712 });
    expect(runningSessions(target).map(({ programPid }) => programPid)).toEqual([4712]);
    unannounce();
  });

  test('that were killed or are damaged are cleared away', () => {
    const unannounce = announce(target, entry);
    announce(target, { ...entry, pid: spawnSync('true').pid });
    const folder = join(target, 'hotpatch/control');
    writeFileSync(join(folder, '1.json'), '{"pid":');
    writeFileSync(join(folder, '2.json'), `{"pid":${process.pid}}`);
    expect(runningSessions(target)).toEqual([entry]);
    expect(readdirSync(folder)).toEqual([`${process.pid}.json`]);
    unannounce();
  });
});
