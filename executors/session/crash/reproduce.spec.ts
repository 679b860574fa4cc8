import { join } from 'node:path';
import type { Reproducible } from './evidence';
import { reproduce } from './reproduce';

const SCRIPT = join(__dirname, '../testing/program.mjs');

function evidence(mode: string, buildId = 'abc123'): Reproducible {
  return {
    image: process.execPath,
    program: { args: [SCRIPT, buildId, mode], cwd: __dirname, env: {}, buildId: 'abc123' },
    patches: [{ patch: 1, file: 'patch-1.so' }],
    patchBytes: () => Buffer.from('image'),
  } as unknown as Reproducible;
}

test('the program gets its patches before it goes on, and its end is told', async () => {
  const { exit, death } = await reproduce(evidence('crash'), '0.1.0');
  expect(exit).toEqual({ code: null, signal: 'SIGSEGV' });
  expect(death).toMatchObject({ signal: 'SIGSEGV', patches: [{ patch: 1 }], crash: { signal: 11 } });
});

test('a program that ends before its loader reports is no crash', async () => {
  const { exit, death } = await reproduce({ ...evidence('silent'), image: '/bin/true' }, '0.1.0');
  expect([exit, death]).toEqual([{ code: 0, signal: null }, undefined]);
});

test('an image of another build is refused with the reason, and ended', async () => {
  await expect(reproduce(evidence('run', 'fff'), '0.1.0')).rejects.toMatchObject({
    reasons: [{ code: 'foreign-image' }],
  });
});
