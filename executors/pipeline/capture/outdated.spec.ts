import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { removeOutdated } from './outdated';

it('removes what is a day old, but not the present entry', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'hotpatch-outdated-'));
  for (const name of ['old', 'present', 'recent']) mkdirSync(path.join(folder, name));
  for (const name of ['old', 'present']) utimesSync(path.join(folder, name), 1, 1);
  removeOutdated(folder, 'present');
  expect(readdirSync(folder)).toEqual(['present', 'recent']);
  rmSync(folder, { recursive: true });
});
