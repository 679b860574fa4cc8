import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { samePathProgram } from '../../../native/addon';
import type { BuildRecord, CrateRecord } from '../artifacts';
import { Compiler } from '../compile/compile';
import { makeSessionFolder } from '../compile/session-folder';
import { makeBuildTools } from '../testing/build-tools';
import { CargoWorkspace } from '../testing/cargo-workspace';
import { capture } from './capture';
import { newestSession } from './incremental-session';
import { fromSamePath, localisation, localise, SAME_PATH, samePath, toSamePath } from './same-path';

jest.setTimeout(120_000);

const tools = makeBuildTools();
const { signal } = new AbortController();
afterAll(() => rmSync(tools.folder, { recursive: true }));

function captureIn(root: string): Promise<BuildRecord> {
  return capture({ cwd: root, workspaceRoot: root, package: 'app', ...tools }, signal);
}

function crate(record: BuildRecord, name: string): CrateRecord {
  const found = record.crates.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no crate ${name}`);
  return found;
}

function unitsOf({ units }: CrateRecord): ReadonlyMap<string, Buffer> {
  return new Map(readdirSync(units).map((file) => [file, readFileSync(path.join(units, file))]));
}

describe('a crate that is captured in two clones', () => {
  const clones = [new CargoWorkspace(), new CargoWorkspace()] as const;
  let records: readonly BuildRecord[];
  beforeAll(async () => {
    records = [await captureIn(clones[0].root), await captureIn(clones[1].root)];
  });
  afterAll(() => {
    for (const clone of clones) clone.remove();
  });

  it('has the same id and the same bytes in its units', () => {
    const [one, other] = records.map((record) => crate(record, 'base'));
    expect(one?.id).toBe(other?.id);
    expect(one && unitsOf(one)).toEqual(other && unitsOf(other));
  });

  it('has sources that a debugger finds in each', () => {
    for (const [index, { image }] of records.entries()) {
      const text = execFileSync('readelf', ['--debug-dump=info', image.path], {
        encoding: 'utf8',
        maxBuffer: 1 << 30,
      });
      expect(text).toMatch(new RegExp(`DW_AT_comp_dir.*: ${clones[index]?.root}/*$`, 'm'));
      expect(text).not.toContain(SAME_PATH);
      expect(readFileSync(image.portable ?? '').includes(SAME_PATH)).toBe(true);
    }
  });

  it('is compiled incrementally from the other one`s state', async () => {
    const [one, other] = records as [BuildRecord, BuildRecord];
    const base = crate(other, 'base');
    // As if the second clone had got what the first one has made.
    const { state, units } = crate(one, 'base');
    const foreign = { ...base, state, units };
    const record = {
      ...other,
      crates: other.crates.map((each) => (each === base ? foreign : each)),
    };
    const folder = await makeSessionFolder(record);
    const compiler = new Compiler(record, folder);
    const source = clones[1].path('base/src/lib.rs');
    writeFileSync(source, `${readFileSync(source, 'utf8')}// nothing more\n`);
    const result = await compiler.compile(new Set([source]), signal);
    await compiler.close();
    expect(result.ok).toBe(true);
    // rustc carries units over as hard links when it can use a state, and makes files of its own when it cannot.
    const inodes = (folder: string) =>
      readdirSync(folder)
        .filter((file) => file.endsWith('.o'))
        .map((file) => statSync(path.join(folder, file)).ino);
    const session = newestSession(path.join(folder, 'incremental', base.id));
    expect(inodes(session?.folder ?? '')).toEqual(inodes(units));
  });
});

describe('a workspace that was moved', () => {
  it('is captured anew, since its image names the old place', async () => {
    const workspace = new CargoWorkspace();
    const moved = `${workspace.root}-moved`;
    try {
      await captureIn(workspace.root);
      renameSync(workspace.root, moved);
      const record = await captureIn(moved);
      expect(crate(record, 'base').cwd).toBe(moved);
      expect(workspace.run(record.image.path)).toBe('1 119 3');
    } finally {
      rmSync(moved, { recursive: true, force: true });
      workspace.remove();
    }
  });
});

describe('the same path', () => {
  it('is not used for a workspace whose own path is longer, or whose target folder lies elsewhere', () => {
    const mountpoint = path.join(tools.folder, 'mountpoint');
    const allowed = (folder: string, within: string) =>
      samePath(samePathProgram(), folder, mountpoint, [within], '/l/libloader.so');
    expect(allowed(tools.folder, path.join(tools.folder, 'target'))).toBeDefined();
    expect(allowed(tools.folder, '/elsewhere/target')).toBeUndefined();
    expect(allowed(`/${'long/'.repeat(40)}`, `/${'long/'.repeat(40)}target`)).toBeUndefined();
  });

  it('is replaced by a real one of the same length', () => {
    const bytes = Buffer.from(`\0${SAME_PATH}\0${SAME_PATH}/app/src\0`);
    const length = bytes.length;
    localise(bytes, localisation('/home/me/ws', '/l/libloader.so'));
    expect(bytes.length).toBe(length);
    const [, folder, sources] = bytes.toString().split('\0');
    expect(path.resolve(folder ?? '')).toBe('/home/me/ws');
    expect(path.normalize(sources ?? '')).toBe('/home/me/ws/app/src');
  });

  it('stands for the folder and what is in it, not for one whose name begins so', () => {
    const text = '{"a":"/ws","b":"/ws/app","c":"/ws2","d":"-L/ws/lib:/ws"}';
    const there = toSamePath(text, '/ws');
    expect(JSON.parse(there)).toEqual({
      a: SAME_PATH,
      b: `${SAME_PATH}/app`,
      c: '/ws2',
      d: `-L${SAME_PATH}/lib:${SAME_PATH}`,
    });
    expect(fromSamePath(there, '/ws')).toBe(text);
  });
});
