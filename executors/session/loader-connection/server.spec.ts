import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Reason } from '../../pipeline/artifacts';
import type { DeliveryOutcome } from '../../pipeline/processes';
import { FakeLoader, readApply } from '../testing/fake-loader';
import { FrameType } from './frames';
import type { Hello } from './messages';
import { type Departed, LoaderServer } from './server';

const REASON: Reason = { code: 'corrupt-patch', subject: 'patch 1', message: 'It is.', remedy: 'Restart.' };

/** A Crashed frame. */
const VECTOR = readFileSync(join(__dirname, '../../../native/protocol/vectors/crashed.bin'));

let server: LoaderServer;
let departed: Departed[];
let socket: string;
let joined: Hello[];
let refused: { pid: number | undefined; reasons: readonly Reason[] }[];
let onChange: (() => void)[];

/** Resolves when the server has told of something and the condition holds. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((resolve) => onChange.push(resolve));
}

beforeEach(async () => {
  joined = [];
  refused = [];
  departed = [];
  onChange = [];
  const wake = () => {
    for (const resolve of onChange.splice(0)) resolve();
  };
  server = await LoaderServer.listen(
    { buildId: 'abc123', version: '0.1.0' },
    {
      joined: (hello) => {
        joined.push(hello);
        wake();
      },
      refused: (pid, reasons) => {
        refused.push({ pid, reasons });
        wake();
      },
      gone: (process) => {
        departed.push(process);
        wake();
      },
    },
  );
  socket = server.environment.NX_HOTPATCH_SOCKET;
});

afterEach(() => server.close());

async function meet(changes: Partial<Hello> = {}): Promise<FakeLoader> {
  const before = joined.length;
  const loader = await FakeLoader.meet(socket, changes);
  await until(() => joined.length > before);
  return loader;
}

function image(patch: number) {
  return { patch, bytes: Buffer.from(`image ${patch}`) };
}

async function outcomes(patch: number): Promise<readonly DeliveryOutcome[]> {
  return Promise.all(server.deliver(image(patch)).map(({ outcome }) => outcome));
}

test('the folder is closed to other users and the token to all but the owner', () => {
  expect(statSync(dirname(socket)).mode & 0o777).toBe(0o700);
  expect(statSync(join(dirname(socket), 'token')).mode & 0o777).toBe(0o600);
});

test('a loader that shows the token is shown it in return', async () => {
  const loader = await meet();
  const { type, payload } = await loader.frame(0);
  expect(type).toBe(FrameType.Welcome);
  expect(JSON.parse(payload.toString())).toEqual({
    protocol: 2,
    token: expect.stringMatching(/^[0-9a-f]{64}$/),
    buildId: 'abc123',
  });
});

test.each([
  ['token', { token: '0'.repeat(64) }],
  ['token', { token: '' }],
  ['version', { protocol: 1 }],
  ['version', { loader: '0.0.9' }],
  ['foreign-image', { buildId: 'fff' }],
])('a Hello with a wrong %s is refused and closed', async (code, changes) => {
  const loader = await FakeLoader.meet(socket, changes);
  const { type, payload } = await loader.frame(0);
  expect(type).toBe(FrameType.Refused);
  expect(JSON.parse(payload.toString()).reasons).toMatchObject([{ code }]);
  await loader.closed;
  expect(server.layout).toBeUndefined();
  expect(refused).toMatchObject([{ pid: 4711, reasons: [{ code }] }]);
});

test.each([
  [
    'with all it knows',
    { protocol: 3, loader: '9.0.0', pid: 4711, who: {} },
    4711,
    /^process 4711 .* 9\.0\.0 \(protocol 3\)/,
  ],
  ['that is older', { protocol: 1, loader: '0.0.9', pid: 4711 }, 4711, /0\.0\.9 \(protocol 1\)/],
  [
    'with its protocol alone',
    { protocol: 3 },
    undefined,
    /^a process .* of an unknown version \(protocol 3\)/,
  ],
])('a Hello of another protocol, %s, is answered with the versions', async (_, hello, pid, words) => {
  const loader = await FakeLoader.connect(socket);
  loader.say(FrameType.Hello, hello);
  const { type, payload } = await loader.frame(0);
  const [told] = JSON.parse(payload.toString()).reasons as Reason[];
  expect([type, told?.code]).toEqual([FrameType.Refused, 'version']);
  expect(told?.message).toMatch(words);
  expect(told?.message).toContain('the session is 0.1.0 (protocol 2)');
  await loader.closed;
  expect(refused).toEqual([{ pid, reasons: [told] }]);
  expect(joined).toEqual([]);
});

test('nothing is accepted before the Hello', async () => {
  const loader = await FakeLoader.connect(socket);
  loader.say(FrameType.Undone, { patch: 1 });
  await loader.closed;
  expect(joined).toEqual([]);
});

test('bytes that are no frame close the connection and leave the others alone', async () => {
  const good = await meet();
  const bad = await FakeLoader.connect(socket);
  bad.raw(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
  await bad.closed;
  const [outcome] = await Promise.all([outcomes(1), good.applied(1)]);
  expect(outcome).toMatchObject([{ kind: 'applied' }]);
});

test('a patch reaches every process and each answers for itself', async () => {
  const first = await meet();
  const second = await meet({ pid: 4712, ppid: 4711 });
  const [result, sent] = await Promise.all([outcomes(1), first.applied(1), second.applied(1)]);
  expect(sent).toEqual({ patch: 1, image: 'image 1' });
  expect(result).toMatchObject([
    { kind: 'applied', acknowledgement: { pid: 4711, patch: 1, ms: { load: 0.5, apply: 1.5 } } },
    { kind: 'applied', acknowledgement: { pid: 4712 } },
  ]);
});

test('a refusal comes with its reasons', async () => {
  const loader = await meet();
  const result = outcomes(1);
  await loader.frame(1);
  loader.say(FrameType.Refused, { patch: 1, reasons: [REASON] });
  expect(await result).toEqual([{ kind: 'refused', reasons: [REASON] }]);
});

test('a process that vanishes in the middle is gone, which is no refusal', async () => {
  const loader = await meet();
  const result = outcomes(1);
  await loader.frame(1);
  loader.hangUp();
  expect(await result).toEqual([{ kind: 'gone' }]);
  expect(server.layout).toBeUndefined();
});

test('a late process gets the live patches in order, then the new one', async () => {
  server.keep(image(1));
  server.keep(image(2));
  const loader = await meet();
  const result = outcomes(3);
  expect((await loader.applied(1)).patch).toBe(1);
  expect((await loader.applied(2)).patch).toBe(2);
  expect((await loader.applied(3)).patch).toBe(3);
  expect(await result).toMatchObject([{ kind: 'applied' }]);
});

test('a forked child gets only what it did not inherit', async () => {
  server.keep(image(1));
  server.keep(image(2));
  const child = await meet({ pid: 4712, patches: [1] });
  expect((await child.applied(1)).patch).toBe(2);
  server.keep(image(3));
  expect((await child.applied(2)).patch).toBe(3);
});

test('a process that connects while a patch is on its way gets it once it is live', async () => {
  const first = await meet();
  const result = outcomes(1);
  const late = await meet({ pid: 4712 });
  await first.applied(1);
  await result;
  server.keep(image(1));
  expect((await late.applied(1)).patch).toBe(1);
  expect(first.heard).toHaveLength(2);
});

test('a process whose window lies elsewhere is told so', async () => {
  await meet();
  const other = await FakeLoader.meet(socket, { pid: 4712, window: { offset: -1073741824, size: 1 } });
  await other.closed;
  expect(refused).toMatchObject([{ pid: 4712, reasons: [{ code: 'address-range-taken' }] }]);
});

test('a process whose thread-locals lie elsewhere is told so', async () => {
  await meet();
  const other = await FakeLoader.meet(socket, { pid: 4712, tls: { tpOffset: -32768, size: 16384 } });
  await other.closed;
  expect(refused).toMatchObject([{ pid: 4712, reasons: [{ code: 'thread-locals' }] }]);
});

test('a patch can be taken back', async () => {
  const loader = await meet();
  const [delivery] = server.deliver(image(1));
  await loader.applied(1);
  await delivery?.outcome;
  const undone = delivery?.undo();
  const { type, payload } = await loader.frame(2);
  expect([type, payload.toString()]).toEqual([FrameType.Undo, '{"patch":1}']);
  loader.say(FrameType.Undone, { patch: 1 });
  await undone;
  server.keep(image(1));
  expect(readApply(await loader.frame(3)).patch).toBe(1);
});

test('closing leaves neither connection nor folder', async () => {
  const loader = await meet();
  const silent = await FakeLoader.connect(socket);
  await server.close();
  await Promise.all([loader.closed, silent.closed]);
  expect(existsSync(dirname(socket))).toBe(false);
  server = await LoaderServer.listen({ buildId: '', version: '' }, { joined() {}, refused() {} });
});

test('unloading is asked of each process for what it has, and not twice for what is gone', async () => {
  const first = await meet({ patches: [1, 2] });
  const second = await meet({ pid: 4712, patches: [2] });
  const unloading = server.unload([1, 2]);
  expect(JSON.parse((await first.frame(1)).payload.toString())).toEqual({ patches: [1, 2] });
  expect(JSON.parse((await second.frame(1)).payload.toString())).toEqual({ patches: [2] });
  const kept = { patch: 2, bytes: 4096, by: 'the stack of thread main (4711)' };
  first.say(FrameType.Unloaded, { unloaded: [{ patch: 1, bytes: 8192 }], kept: [kept] });
  second.say(FrameType.Unloaded, { unloaded: [{ patch: 2, bytes: 4096 }], kept: [] });
  expect(await unloading).toEqual([
    { pid: 4711, unloaded: [{ patch: 1, bytes: 8192 }], kept: [kept] },
    { pid: 4712, unloaded: [{ patch: 2, bytes: 4096 }], kept: [] },
  ]);

  const again = server.unload([1, 2]);
  expect(JSON.parse((await first.frame(2)).payload.toString())).toEqual({ patches: [2] });
  first.say(FrameType.Unloaded, { unloaded: [{ patch: 2, bytes: 4096 }], kept: [] });
  expect(await again).toMatchObject([{ pid: 4711 }]);
  expect(second.heard).toHaveLength(2);
});

test('a process that ends while it unloads has nothing to tell', async () => {
  const loader = await meet({ patches: [1] });
  const unloading = server.unload([1]);
  await loader.frame(1);
  loader.hangUp();
  expect(await unloading).toEqual([]);
});

test('a process that is gone is told of with its patches and its last word', async () => {
  const loader = await meet();
  const delivered = outcomes(1);
  await loader.applied(1);
  await delivered;
  server.keep(image(1));
  loader.raw(VECTOR);
  loader.hangUp();
  await until(() => departed.length > 0);
  expect(departed).toMatchObject([
    { hello: { pid: 4711 }, patches: [{ patch: 1 }], crash: { signal: 11, thread: expect.any(String) } },
  ]);
  expect(await server.departed(4711, 0)).toBe(true);
});

test('a process that dies of a patch is told of with it', async () => {
  const loader = await meet();
  const delivered = outcomes(1);
  await loader.frame(1);
  loader.hangUp();
  expect(await delivered).toEqual([{ kind: 'gone' }]);
  expect(departed).toMatchObject([{ patches: [{ patch: 1 }] }]);
});

test('a held process goes on when it is told to, and no other', async () => {
  const held = await meet({ held: true });
  const other = await meet({ pid: 4712 });
  server.release(4711);
  expect((await held.frame(1)).type).toBe(FrameType.Go);
  await server.close();
  await other.closed;
  expect(other.heard.map(({ type }) => type)).toEqual([FrameType.Welcome]);
  server = await LoaderServer.listen({ buildId: '', version: '' }, { joined() {}, refused() {} });
});
