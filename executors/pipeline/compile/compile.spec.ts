import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BuildRecord, CompileResult } from '../artifacts';
import { capture } from '../capture/capture';
import { newestSession } from '../capture/incremental-session';
import { makeBuildTools } from '../testing/build-tools';
import { CargoWorkspace } from '../testing/cargo-workspace';
import { Compiler } from './compile';
import { makeSessionFolder } from './session-folder';

jest.setTimeout(120_000);

const tools = makeBuildTools();
const { signal } = new AbortController();
let workspace: CargoWorkspace;
let record: BuildRecord;
let folder: string;
let compiler: Compiler;

beforeEach(async () => {
  workspace = new CargoWorkspace({
    'app/src/page.rs': 'pub fn hello() -> u32 { 1 }\n',
    'app/src/main.rs':
      'mod page;\nmod slow;\nfn main() { println!("{} {} {}", page::hello(), core_lib::price(2), tally::ones(7)); slow::run(); }\n',
    'app/src/slow.rs': 'pub fn run() {}\n',
  });
  record = await capture({ cwd: workspace.root, package: 'app', ...tools }, signal);
  folder = await makeSessionFolder(record);
  compiler = new Compiler(record, folder);
});
afterEach(async () => {
  await compiler.close();
  workspace.remove();
});
afterAll(() => rmSync(tools.folder, { recursive: true }));

/** `{ app: 1 }`: how many units of each compiled crate changed. */
function changes({ units }: CompileResult): Record<string, number> {
  return Object.fromEntries(
    units.map(({ crate, changed, gone }) => [crate.replace(/-.*/, ''), changed.length + gone.length]),
  );
}

function unitsOf(crate: string): readonly string[] {
  return readdirSync(record.crates.find(({ name }) => name === crate)?.units ?? '');
}

/** How many units rustc took over from its incremental state of the capture, as hard links. */
function carriedOver(crate: string): number {
  const { id, units } = record.crates.find(({ name }) => name === crate) ?? { id: '', units: '' };
  const session = newestSession(path.join(folder, 'incremental', id))?.folder ?? '';
  const inode = (of: string, file: string) => statSync(path.join(of, file)).ino;
  return unitsOf(crate).filter((file) => inode(units, file) === inode(session, file)).length;
}

function save(file: string, from: string, to: string): Promise<CompileResult> {
  return compiler.compile(new Set([workspace.edit(file, from, to)]), signal);
}

describe('an edit', () => {
  it('of the binary changes one unit of it and compiles nothing else', async () => {
    const result = await save('app/src/page.rs', '{ 1 }', '{ 2 }');
    expect(changes(result)).toEqual({ app: 1 });
    expect(carriedOver('app')).toBe(unitsOf('app').length - 1);
  });

  it('of a library two crates down compiles what depends on it', async () => {
    const result = await save('base/src/lib.rs', 'x * 2', 'x * 3');
    expect(changes(result)).toEqual({ base: 1, core_lib: 0, app: 0 });
    expect(carriedOver('core_lib')).toBe(unitsOf('core_lib').length);
    expect(carriedOver('app')).toBe(unitsOf('app').length);
  });

  it('of a file that is included as text changes its crate', async () => {
    expect(changes(await save('core_lib/text.txt', 'hi', 'hello'))).toMatchObject({ core_lib: 1 });
  });

  it('that leaves all code as it is changes no unit', async () => {
    expect(changes(await save('app/src/page.rs', '\n', '\n// a remark\n'))).toEqual({ app: 0 });
  });

  it('and its revert come back to the units of before', async () => {
    await save('app/src/page.rs', '{ 1 }', '{ 2 }');
    expect(changes(await save('app/src/page.rs', '{ 2 }', '{ 1 }'))).toEqual({ app: 0 });
  });

  it('that renames a generic type argument in a library reaches the instance in the binary', async () => {
    workspace.edit(
      'base/src/lib.rs',
      'pub fn',
      'pub fn generic<T: Into<u32>>(x: T) -> u32 { x.into() }\npub fn',
    );
    workspace.edit('core_lib/src/lib.rs', 'const SCRIPT', 'pub use base::generic;\nconst SCRIPT');
    workspace.edit('app/src/page.rs', '{ 1 }', '{ core_lib::generic(1u8) }');
    const files = ['base/src/lib.rs', 'core_lib/src/lib.rs', 'app/src/page.rs'];
    compiler.accept(await compiler.compile(new Set(files.map((file) => workspace.path(file))), signal));
    const result = await save('base/src/lib.rs', 'x.into()', 'x.into() + 1');
    expect(changes(result).app).toBeGreaterThan(0);
  });
});

describe('a compile error', () => {
  it('is a result with what rustc says, and the fix is an edit like any other', async () => {
    const broken = await save('base/src/lib.rs', 'x * 2', 'x * "2"');
    expect(broken).toMatchObject({ ok: false, units: [] });
    expect(broken.diagnostics).toEqual([
      expect.objectContaining({
        level: 'error',
        code: 'E0277',
        file: workspace.path('base/src/lib.rs'),
        line: 1,
        rendered: expect.stringContaining('cannot multiply'),
      }),
    ]);
    expect(changes(await save('base/src/lib.rs', 'x * "2"', 'x * 4'))).toMatchObject({ base: 1 });
  });

  it('in a dependent keeps the changed units of the library for the next result', async () => {
    workspace.edit('base/src/lib.rs', 'x * 2', 'x * 5');
    const lib = workspace.path('base/src/lib.rs');
    const app = workspace.edit('app/src/page.rs', '{ 1 }', '{ "1" }');
    expect(await compiler.compile(new Set([lib, app]), signal)).toMatchObject({ ok: false });
    expect(changes(await save('app/src/page.rs', '{ "1" }', '{ 3 }'))).toEqual({
      base: 1,
      core_lib: 0,
      app: 1,
    });
  });

  it('for a missing module is mended by the file that appears', async () => {
    const created = workspace.path('app/src/new.rs');
    expect(compiler.kindOfChange(created)).toBe('unrelated');
    expect(await save('app/src/main.rs', 'mod slow;', 'mod slow;\nmod new;')).toMatchObject({ ok: false });
    workspace.write({ 'app/src/new.rs': '#[used]\npub static NEW: u32 = 5;\n' });
    expect(compiler.kindOfChange(created)).toBe('source');
    expect(await compiler.compile(new Set([created]), signal)).toMatchObject({ ok: true });
    expect(compiler.owners(created)).toEqual(compiler.owners(workspace.path('app/src/main.rs')));
    expect(compiler.watched().files).toContain(created);
  });
});

describe('a result', () => {
  it('repeats what was not accepted, and is relative to what was', async () => {
    await save('base/src/lib.rs', 'x * 2', 'x * 3');
    const both = await save('app/src/page.rs', '{ 1 }', '{ 2 }');
    expect(changes(both)).toEqual({ base: 1, core_lib: 0, app: 1 });
    compiler.accept(both);
    expect(changes(await save('core_lib/text.txt', 'hi', 'hello'))).toEqual({ core_lib: 1, app: 0 });
  });
});

describe('a set of units', () => {
  const contents = (result: CompileResult, crate: string) => {
    const set = result.units.find((found) => found.crate.startsWith(`${crate}-`));
    return set?.changed.map((unit) => readFileSync(path.join(set.folder, `${unit}.o`), 'latin1'));
  };

  it('is compared with what was accepted, also when that comes after the next compile', async () => {
    const two = await save('app/src/page.rs', '{ 1 }', '{ 2 }');
    const one = await save('app/src/page.rs', '{ 2 }', '{ 1 }');
    expect(changes(one)).toEqual({ app: 0 });
    compiler.accept(two);
    const again = await compiler.compile(new Set(), signal);
    expect(changes(again)).toEqual({ app: 1 });
    expect(contents(again, 'app')).not.toEqual(contents(two, 'app'));
  });

  it('stays readable while later ones are made', async () => {
    const first = await save('app/src/page.rs', '{ 1 }', '{ 2 }');
    const before = contents(first, 'app');
    compiler.accept(first);
    await save('base/src/lib.rs', 'x * 2', 'x * 3');
    await save('app/src/page.rs', '{ 2 }', '{ 3 }');
    expect(contents(first, 'app')).toEqual(before);
  });
});

describe('an aborted compile', () => {
  it('leaves no rustc behind and loses no edit', async () => {
    // A constant that takes seconds to evaluate: the abort surely comes before rustc ends.
    const loop = 'const N: u64 = { let mut n = 0u64; while n < 40_000_000 { n += 1 } n };';
    const slow = workspace.edit(
      'app/src/slow.rs',
      'pub fn run() {}',
      `#[allow(long_running_const_eval)]\n${loop}\npub fn run() { std::hint::black_box(N); }`,
    );
    const abort = new AbortController();
    const compile = compiler.compile(new Set([slow]), abort.signal);
    await rustcOf(folder, (found) => found > 0);
    abort.abort(new Error('superseded'));
    await expect(compile).rejects.toThrow('superseded');
    expect(countRustc(folder)).toBe(0);
    workspace.edit('app/src/slow.rs', loop, 'const N: u64 = 7;');
    // Without the file's name: it was told before.
    expect(changes(await compiler.compile(new Set(), signal)).app).toBeGreaterThan(0);
  });

  it('may be superseded before it began', async () => {
    const abort = new AbortController();
    abort.abort(new Error('superseded'));
    const edited = workspace.edit('app/src/page.rs', '{ 1 }', '{ 2 }');
    await expect(compiler.compile(new Set([edited]), abort.signal)).rejects.toThrow('superseded');
    expect(changes(await compiler.compile(new Set(), signal))).toEqual({ app: 1 });
  });
});

describe('a file', () => {
  it('is a source, concerns cargo, or concerns nobody', () => {
    const kind = (file: string) => compiler.kindOfChange(workspace.path(file));
    expect(kind('core_lib/text.txt')).toBe('source');
    expect(kind('mac/src/lib.rs')).toBe('manifest');
    expect(kind('core_lib/build.rs')).toBe('manifest');
    expect(kind('core_lib/seed.txt')).toBe('manifest');
    expect(kind('app/Cargo.toml')).toBe('manifest');
    expect(kind('README.md')).toBe('unrelated');
  });
});

it('does not disturb another session of the same program, nor cargo', async () => {
  // The place of the program belongs to another process that lives.
  writeFileSync(workspace.path(`target/hotpatch/places/${record.image.crate}/owner`), `${process.ppid}\n`);
  const other = new Compiler(record, await makeSessionFolder(record));
  const edited = new Set([workspace.edit('base/src/lib.rs', 'x * 2', 'x * 3')]);
  const [here, there, built] = await Promise.all([
    compiler.compile(edited, signal),
    other.compile(edited, signal),
    capture({ cwd: workspace.root, package: 'app', ...tools }, signal),
  ]);
  await other.close();
  expect(changes(here)).toEqual(changes(there));
  expect(workspace.run(built.image.path)).toBe('1 121 3');
});

it('leaves what the capture and cargo made as it was', async () => {
  const folders = record.crates.flatMap(({ units, state, outDir }) => [units, state, outDir]);
  const contents = () =>
    [...new Set(folders)].flatMap((folder) =>
      readdirSync(folder).map((file) => `${file} ${readFileSync(path.join(folder, file), 'latin1')}`),
    );
  const before = contents();
  await save('base/src/lib.rs', 'x * 2', 'x * 3');
  await save('app/src/page.rs', '{ 1 }', '{ 2 }');
  expect(contents()).toEqual(before);
});

it('shows warnings of a successful compile', async () => {
  const result = await save('app/src/page.rs', '{ 1 }', '{ let unused = 1; 2 }');
  expect(result).toMatchObject({ ok: true, diagnostics: [{ level: 'warning', code: 'unused_variables' }] });
});

function countRustc(session: string): number {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(session);
    } catch {
      return false;
    }
  }).length;
}

async function rustcOf(session: string, reached: (count: number) => boolean): Promise<void> {
  while (!reached(countRustc(session))) await new Promise((resolve) => setImmediate(resolve));
}

describe('a change that was live and is taken back', () => {
  const baseOf = ({ units }: CompileResult) =>
    units
      .filter(({ changed }) => changed.length > 0)
      .flatMap(({ crate, changed }) =>
        changed.map((unit) => {
          const base = record.crates.find(({ id }) => id === crate)?.units ?? '';
          return { crate, unit, path: path.join(base, `${unit}.o`) };
        }),
      );

  it('comes again with the next save of another crate', async () => {
    const edit = await save('app/src/page.rs', '{ 1 }', '{ 2 }');
    compiler.accept(edit);
    compiler.withdraw(baseOf(edit));
    expect(changes(await save('core_lib/src/lib.rs', '\n', '\n// a remark\n'))).toMatchObject({ app: 1 });
  });

  it('stays to be brought in when an older result is accepted afterwards', async () => {
    const edit = await save('app/src/page.rs', '{ 1 }', '{ 2 }');
    compiler.accept(edit);
    const library = await save('base/src/lib.rs', 'x * 2', 'x * 3');
    compiler.withdraw(baseOf(edit));
    compiler.accept(library);
    expect(changes(await save('core_lib/src/lib.rs', '\n', '\n// a remark\n'))).toMatchObject({ app: 1 });
  });

  it('keeps the objects that the running code was made from', async () => {
    const [first, second, third] = [
      await save('app/src/page.rs', '{ 1 }', '{ 2 }'),
      await save('app/src/page.rs', '{ 2 }', '{ 3 }'),
      await save('app/src/page.rs', '{ 3 }', '{ 4 }'),
    ];
    for (const result of [first, second, third]) compiler.accept(result);
    await compiler.close();
    for (const { units } of [first, second, third])
      expect(readdirSync(units.find(({ changed }) => changed.length > 0)?.folder ?? '')).toHaveLength(1);
  });
});
