import { existsSync } from 'node:fs';
import path from 'node:path';
import { foldersIn, ROOT, read } from './source-tree';

const exists = (file: string) => existsSync(path.join(ROOT, file));

describe('workspace fixtures', () => {
  it.each(foldersIn('workspace-fixtures'))('%s says in its README why it exists', (fixture) => {
    expect(read(`workspace-fixtures/${fixture}/README.md`).length).toBeGreaterThan(100);
  });
});

describe('cases of e2e', () => {
  const cases = foldersIn('e2e/cases');

  it('say in one sentence which behaviour must hold', () => {
    const silent = cases.filter((name) => {
      const file = `e2e/cases/${name}/case.mjs`;
      return !exists(file) || !/behaviour:\s*['"`][A-Z].*\.['"`],/.test(read(file));
    });
    expect(silent).toEqual([]);
  });

  it('use every folder that they have beyond before and after', () => {
    const unused = cases.flatMap((name) => {
      const text = exists(`e2e/cases/${name}/case.mjs`) ? read(`e2e/cases/${name}/case.mjs`) : '';
      return foldersIn(`e2e/cases/${name}`)
        .filter((folder) => !['before', 'after'].includes(folder) && !text.includes(`'${folder}'`))
        .map((folder) => `${name}/${folder}`);
    });
    expect(unused).toEqual([]);
  });
});
