import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeMeetingFolder } from './meeting-folder';

let parent: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'nx-hotpatch-spec-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

/** The pid of a process that has ended. */
const DEAD = spawnSync('true').pid;

test('the folder lies in the runtime folder, for its user only, with a secret', async () => {
  const folder = await makeMeetingFolder({ XDG_RUNTIME_DIR: parent });
  expect(dirname(folder.path)).toBe(parent);
  expect(statSync(folder.path).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder.path, 'token')).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(folder.path, 'token'), 'utf8')).toBe(folder.token);
  expect(folder.token).toMatch(/^[0-9a-f]{64}$/);
  await folder.remove();
  expect(existsSync(folder.path)).toBe(false);
});

test('a runtime folder that is not there, or too deep for a socket, is passed over', async () => {
  for (const runtime of [join(parent, 'absent'), join(parent, 'x'.repeat(120))]) {
    const folder = await makeMeetingFolder({ XDG_RUNTIME_DIR: runtime });
    expect(dirname(folder.path)).toBe(tmpdir());
    await folder.remove();
  }
});

test('what a killed session left is removed, what others use is not', async () => {
  const left = join(parent, `nx-hotpatch-${DEAD}-abcdef`);
  const alive = join(parent, `nx-hotpatch-${process.pid}-abcdef`);
  const answering = join(parent, `nx-hotpatch-${DEAD}-ghijkl`);
  const foreign = join(parent, 'nx-hotpatch-notes');
  for (const folder of [left, alive, answering, foreign]) mkdirSync(folder);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(answering, 'session.sock'), resolve));

  const folder = await makeMeetingFolder({ XDG_RUNTIME_DIR: parent });
  expect([left, alive, answering, foreign].map((each) => existsSync(each))).toEqual([
    false,
    true,
    true,
    true,
  ]);
  await folder.remove();
  await new Promise((resolve) => server.close(resolve));
});
