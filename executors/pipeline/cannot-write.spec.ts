import { linkSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { cannotWrite } from './cannot-write';

function errno(code: string, syscall: string, more: object = {}): Error {
  return Object.assign(new Error(`${code}: ${syscall}`), { code, syscall, ...more });
}

it.each([
  [
    errno('ENOSPC', 'mkdir', { path: '/t/hotpatch' }),
    '/t/hotpatch cannot be written: there is no space left',
  ],
  [errno('EROFS', 'open', { path: '/t/a' }), '/t/a cannot be written: the file system is read-only'],
  [errno('EACCES', 'link', { path: '/t/a', dest: '/t/b' }), '/t/b cannot be written: access is denied'],
  // write(2) knows a descriptor only.
  [errno('EDQUOT', 'write'), 'a file cannot be written: the disk quota is used up'],
])('%s is told in words, with the place', (error, words) => {
  expect(cannotWrite(error)).toMatchObject({ code: 'cannot-write', message: expect.stringContaining(words) });
});

it.each([
  [errno('ENOSPC', 'watch', { path: '/src' })],
  [errno('EACCES', 'spawn /t/app', { path: '/t/app' })],
  [new Error('ENOSPC')],
  [undefined],
])('%s is something else', (error) => {
  expect(cannotWrite(error)).toBeUndefined();
});

it('reads what Node throws itself', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'write-'));
  const caught = (act: () => void) => {
    try {
      act();
    } catch (error) {
      return cannotWrite(error);
    }
    return undefined;
  };
  // The kernel lets nobody make a file there.
  expect(caught(() => writeFileSync('/sys/nx-hotpatch', ''))).toMatchObject({ subject: '/sys/nx-hotpatch' });
  writeFileSync(path.join(folder, 'a'), '');
  expect(caught(() => linkSync(path.join(folder, 'a'), path.join(folder, 'a')))).toBeUndefined();
  rmSync(folder, { recursive: true });
});
