import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { lockFileOf, newestSession } from './incremental-session';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hotpatch-incremental-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('finds the newest finalized session, not one under way', () => {
  for (const name of ['s-hoeh2ulc2d-137qefm-0yc9', 's-hoeh2zzzzz-0000001-abcd', 's-hoeh3aaaaa-1xyz-working'])
    mkdirSync(path.join(folder, 'app-0ycl8odm3q9dp', name), { recursive: true });
  expect(newestSession(folder)?.name).toBe('app-0ycl8odm3q9dp/s-hoeh2zzzzz-0000001-abcd');
});

it('finds none where there is none', () => {
  expect(newestSession(path.join(folder, 'absent'))).toBeUndefined();
});

it('knows the lock file of a session', () => {
  expect(lockFileOf('app-0ycl/s-hoeh2zzzzz-0000001-abcd')).toBe('app-0ycl/s-hoeh2zzzzz-0000001.lock');
});
