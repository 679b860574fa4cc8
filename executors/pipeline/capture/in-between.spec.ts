import { chmodSync, readFileSync, rmSync } from 'node:fs';
import type { BuildRecord } from '../artifacts';
import { Compiler } from '../compile/compile';
import { makeSessionFolder } from '../compile/session-folder';
import { makeBuildTools } from '../testing/build-tools';
import { CargoWorkspace } from '../testing/cargo-workspace';
import { capture } from './capture';

jest.setTimeout(120_000);

const tools = makeBuildTools();
const { signal } = new AbortController();
let workspace: CargoWorkspace;

beforeEach(() => {
  workspace = new CargoWorkspace();
});
afterEach(() => workspace.remove());
afterAll(() => rmSync(tools.folder, { recursive: true }));

function library(name: string, dependency: string, text: string): Readonly<Record<string, string>> {
  const manifest = `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\n${dependency} = "0.1"\n`;
  const folder = `vendor/${name}`;
  return {
    [`${folder}/Cargo.toml`]: manifest,
    [`${folder}/.cargo-checksum.json`]: '{"files":{}}',
    [`${folder}/src/lib.rs`]: text,
  };
}

/** `app` uses `upper` of the registry, that `lower` of the registry, and that the workspace's own `base`. */
function patchRegistry(): void {
  workspace.write({
    ...library('upper', 'lower', 'pub fn more(x: u32) -> u32 { lower::more(x) + 1 }\n'),
    ...library('lower', 'base', 'pub fn more(x: u32) -> u32 { base::twice(x) + 1 }\n'),
    'Cargo.toml':
      '[workspace]\nmembers = ["app", "core_lib", "base", "mac"]\nresolver = "2"\n[patch.crates-io]\nbase = { path = "base" }\n',
  });
  workspace.edit('app/Cargo.toml', 'tally = "0.1"', 'tally = "0.1"\nupper = "0.1"');
  workspace.edit('app/src/page.rs', '{ 1 }', '{ upper::more(4) }');
}

function captureApp(env: Readonly<Record<string, string>> = {}): Promise<BuildRecord> {
  return capture({ cwd: workspace.root, package: 'app', env, ...tools }, signal);
}

function names(record: BuildRecord): readonly string[] {
  return record.crates.map(({ name }) => name).sort();
}

describe('a crate of the registry that depends on one of the workspace', () => {
  it('is compiled anew with it', async () => {
    patchRegistry();
    const record = await captureApp();
    expect(names(record)).toEqual(['app', 'base', 'core_lib', 'lower', 'upper']);
    expect(record.thirdParty.flatMap(({ files }) => files).join()).not.toMatch(/upper|lower/);
    const compiler = new Compiler(record, await makeSessionFolder(record));
    const edited = workspace.edit('base/src/lib.rs', 'pub fn', 'pub fn new() {}\npub fn');
    const result = await compiler.compile(new Set([edited]), signal);
    await compiler.close();
    expect(result.ok).toBe(true);
    expect(result.units.map(({ crate }) => crate.replace(/-.*/, '')).sort()).toEqual(names(record));
  });

  it('is found by a second build, in which cargo finds it fresh', async () => {
    patchRegistry();
    expect(names(await captureApp())).toEqual(names(await captureApp()));
  });

  it('is recorded with the wrapper of the user beside', async () => {
    patchRegistry();
    const log = workspace.path('log');
    workspace.write({ 'cache.sh': `#!/bin/sh\necho "$@" >> ${log}\nexec "$@"\n` });
    chmodSync(workspace.path('cache.sh'), 0o755);
    expect(names(await captureApp({ RUSTC_WRAPPER: workspace.path('cache.sh') }))).toContain('upper');
    expect(readFileSync(log, 'utf8')).not.toMatch(/--crate-name (upper|lower)/);
  });
});

it('puts no wrapper before other crates when the lock file has no such crate', async () => {
  const script =
    'fn main() { println!("cargo:rustc-env=WRAPPER={:?}", std::env::var("RUSTC_WRAPPER").ok()); println!("cargo:rerun-if-env-changed=RUSTC_WRAPPER"); }\n';
  workspace.write({ 'app/build.rs': script });
  workspace.build();
  const record = await captureApp();
  const app = record.crates.find(({ name }) => name === 'app');
  expect(app?.env.WRAPPER).toBe('None');
});
