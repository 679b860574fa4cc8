import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unpatchable } from './image-file';

const folder = mkdtempSync(path.join(tmpdir(), 'nx-hotpatch-image-'));
afterAll(() => rmSync(folder, { recursive: true }));

function link(name: string, ...options: string[]): string {
  const source = path.join(folder, 'main.c');
  writeFileSync(source, 'int main(void) { return 0; }');
  const file = path.join(folder, name);
  execFileSync('cc', [source, '-o', file, ...options]);
  return file;
}

test('an ordinary program can be patched', () => {
  expect(unpatchable(link('ordinary'))).toBeUndefined();
});

test('a stripped program is refused before it runs', () => {
  expect(unpatchable(link('stripped', '-s'))).toMatchObject({
    code: 'stripped-image',
    subject: path.join(folder, 'stripped'),
  });
});

test.each([
  ['text', Buffer.from('#!/bin/sh\n')],
  ['nothing', Buffer.alloc(0)],
  ['a cut program', Buffer.from('\x7fELF\x02\x01\x01', 'latin1')],
])('%s is refused as foreign', (name, contents) => {
  const file = path.join(folder, name);
  writeFileSync(file, contents);
  expect(unpatchable(file)?.code).toBe('foreign-image');
});
