import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PackageSources } from './package-sources';
import { isSettled } from './source-stamps';

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(tmpdir(), 'hotpatch-sources-'));
  write('app/src/lib.rs', 'const A: &str = env!("APP_A");');
  write('app/src/deep/mod.rs', '');
});
afterEach(() => {
  jest.restoreAllMocks();
  fs.rmSync(root, { recursive: true });
});

function write(file: string, text: string): void {
  fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  fs.writeFileSync(path.join(root, file), text);
}

/** What a new graph finds; files are old enough by then, unless `isYoung`. */
async function find({ nested = [] as string[], isYoung = false } = {}) {
  const now = Date.now();
  const clock = isYoung ? undefined : jest.spyOn(Date, 'now').mockReturnValue(now + 10_000);
  const sources = await PackageSources.open(root, ['app/Cargo.toml']);
  await sources.stamp(['app']);
  const found = { ...sources.scan('app', nested), programs: sources.programs('app') };
  sources.save();
  clock?.mockRestore();
  return found;
}

const stored = () => fs.existsSync(path.join(root, '.nx/workspace-data/nx-hotpatch/sources.json'));

describe('the sources of a package', () => {
  const before = { sources: 2, variables: ['APP_A'], programs: ['src/lib.rs'] };

  it('are not looked at again while nothing has changed', async () => {
    const reads = jest.spyOn(fs, 'readFileSync');
    const lists = jest.spyOn(fs, 'readdirSync');
    const sourcesRead = () => reads.mock.calls.filter(([file]) => String(file).endsWith('.rs')).length;
    expect(await find()).toMatchObject(before);
    expect([sourcesRead(), lists.mock.calls.length > 0]).toEqual([2, true]);
    reads.mockClear();
    lists.mockClear();
    expect(await find()).toMatchObject(before);
    expect([sourcesRead(), lists.mock.calls.length > 0]).toEqual([0, false]);
  });

  it.each([
    [
      'a file of the same size and time',
      () => edit('const A: &str = env!("APP_B");'),
      { variables: ['APP_B'] },
    ],
    [
      'a new module',
      () => write('app/src/new.rs', 'env!("NEW")'),
      { sources: 3, variables: ['APP_A', 'NEW'] },
    ],
    ['a removed module', () => fs.rmSync(path.join(root, 'app/src/deep/mod.rs')), { sources: 1 }],
    [
      'a new program',
      () => write('app/src/bin/x.rs', ''),
      { sources: 3, programs: ['src/bin/x.rs', 'src/lib.rs'] },
    ],
    [
      'a program in a folder',
      () => write('app/examples/y/main.rs', ''),
      { sources: 3, programs: ['examples/y/main.rs', 'src/lib.rs'] },
    ],
    [
      'a build script',
      () => write('app/build.rs', 'rerun-if-env-changed=MORE'),
      { sources: 3, variables: ['APP_A', 'MORE'] },
    ],
  ])('show %s', async (_, change, after) => {
    await find();
    change();
    expect(await find()).toMatchObject({ ...before, ...after });
    expect(await find()).toMatchObject({ ...before, ...after });
  });

  it('show a program behind a linked folder', async () => {
    write('elsewhere/one.rs', '');
    fs.symlinkSync(path.join(root, 'elsewhere'), path.join(root, 'app/src/bin'));
    expect((await find()).programs).toContain('src/bin/one.rs');
    write('elsewhere/two.rs', '');
    expect((await find()).programs).toContain('src/bin/two.rs');
  });

  it('are without those of a package inside of it, also of one that is new', async () => {
    expect(await find()).toMatchObject(before);
    expect(await find({ nested: ['app/src/deep'] })).toMatchObject({ ...before, sources: 1 });
  });

  it('are not known by a state that another change may not alter', async () => {
    await find({ isYoung: true });
    expect(stored()).toBe(false);
    await find();
    expect(stored()).toBe(true);
  });

  it('are not known while one of them cannot be read', async () => {
    fs.symlinkSync('nowhere', path.join(root, 'app/src/dangling.rs'));
    await find();
    expect(stored()).toBe(false);
  });

  it('are the same where the native part is not built, file by file', async () => {
    const known = await find();
    jest.spyOn(process, 'dlopen').mockImplementation(() => {
      throw new Error('not built');
    });
    jest.resetModules();
    const { PackageSources: Fresh } = require('./package-sources') as typeof import('./package-sources');
    const sources = await Fresh.open(root, ['app/Cargo.toml']);
    const states = jest.spyOn(fs, 'statSync');
    expect({ ...sources.scan('app', []), programs: sources.programs('app') }).toEqual(known);
    expect(states.mock.calls.some(([file]) => String(file).endsWith('mod.rs'))).toBe(true);
  });
});

/** As a tool does that sets times back. */
function edit(text: string): void {
  const file = path.join(root, 'app/src/lib.rs');
  const { size, atime, mtime } = fs.statSync(file);
  fs.writeFileSync(file, text);
  fs.utimesSync(file, atime, mtime);
  expect(fs.statSync(file).size).toBe(size);
}

describe('a time of change', () => {
  it('is settled when the clock has gone on: in ticks, or in seconds where it has no fractions', () => {
    expect(isSettled(5_000.25, 5_050)).toBe(false);
    expect(isSettled(5_000.25, 5_200)).toBe(true);
    expect(isSettled(5_000, 6_900)).toBe(false);
    expect(isSettled(5_000, 7_100)).toBe(true);
    expect(isSettled(9_000.5, 5_000)).toBe(false);
  });
});
