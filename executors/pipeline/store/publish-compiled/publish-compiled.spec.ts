import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { BuildRecord, CaptureRequest } from '../../artifacts';
import { capture } from '../../capture/capture';
import { HotpatchFolder } from '../../capture/hotpatch-folder';
import { readToolchain } from '../../capture/toolchain';
import { Compiler } from '../../compile/compile';
import { makeSessionFolder } from '../../compile/session-folder';
import { makeBuildTools } from '../../testing/build-tools';
import { CargoWorkspace } from '../../testing/cargo-workspace';
import { placesOf } from '../portable';
import { publishCrates } from '../publish-crates';
import publishCompiled from './worker';

jest.setTimeout(120_000);

const tools = makeBuildTools();
const { signal } = new AbortController();
let workspace: CargoWorkspace;
let record: BuildRecord;
let compiler: Compiler;
let folder: string;

beforeEach(async () => {
  workspace = new CargoWorkspace();
  record = await capture(request(), signal);
  const toolchain = readToolchain(workspace.root, process.env);
  const places = placesOf(workspace.root, toolchain, process.env);
  await publishCrates([record], { slotsOf: () => 2, places });
  folder = await makeSessionFolder(record);
  compiler = new Compiler(record, folder);
});
afterEach(async () => {
  await compiler.close();
  workspace.remove();
});
afterAll(() => rmSync(tools.folder, { recursive: true }));

function request(): CaptureRequest {
  return { cwd: workspace.root, workspaceRoot: workspace.root, package: 'app', ...tools };
}

async function save(file: string, from: string, to: string): Promise<void> {
  const edited = workspace.edit(file, from, to);
  expect((await compiler.compile(new Set([edited]), signal)).ok).toBe(true);
}

function publish() {
  const { targetDir, profile, env, crates } = record;
  return publishCompiled({
    crates: compiler.compiled(),
    targetDir,
    profile,
    env,
    inPlace: crates.map(({ id }) => id),
  });
}

/** States that rustc itself finished in cargo's folder for a crate, and what was given to it. */
function states(id: string): readonly string[] {
  const all = new HotpatchFolder(record.targetDir).incremental(id);
  return readdirSync(all, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\/s-[^/]*(?<!lock|working)$/.test(name),
  );
}

describe('what a session compiled', () => {
  it('is not compiled again by the next build', async () => {
    const [base, core, app] = record.crates.map(({ id }) => id);
    await save('base/src/lib.rs', 'x * 2', 'x * 3');
    expect(await publish()).toEqual(['base', 'core_lib', 'app']);
    const sessions = new Map(compiler.compiled().map((crate) => [crate.record.id, crate.session]));

    const next = await capture(request(), signal);
    expect(workspace.run(next.image.path)).toBe('1 121 3');
    const made = new Map(next.crates.map(({ id, state }) => [id, path.basename(state)]));
    for (const id of [base, core])
      expect(made.get(id ?? '')).toBe(path.basename(sessions.get(id ?? '') ?? ''));
    // The program is linked, by a rustc that begins where the session's ended.
    expect(states(app ?? '')).toContain(sessions.get(app ?? ''));
  });

  it('is left out when a source was saved since', async () => {
    await save('app/src/page.rs', '{ 1 }', '{ 3 }');
    workspace.edit('app/src/page.rs', '{ 3 }', '{ 4 }');
    expect(await publish()).toEqual([]);
    expect(workspace.run((await capture(request(), signal)).image.path)).toBe('4 119 3');
  });

  it('is left out when it is in the store already, and while something does not compile', async () => {
    expect(await publish()).toEqual([]);
    await save('app/src/page.rs', '{ 1 }', '{ 3 }');
    expect(await publish()).toEqual(['app']);
    expect(await publish()).toEqual([]);
    const broken = workspace.edit('app/src/page.rs', '{ 3 }', '{ "');
    await compiler.compile(new Set([broken]), signal);
    expect(compiler.compiled()).toEqual([]);
  });
});
