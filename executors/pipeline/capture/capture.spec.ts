import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { BuildRecord, CaptureRequest } from '../artifacts';
import { Refusal } from '../refusal';
import { makeBuildTools } from '../testing/build-tools';
import { CargoWorkspace } from '../testing/cargo-workspace';
import { capture } from './capture';

jest.setTimeout(120_000);

const tools = makeBuildTools();
let workspace: CargoWorkspace;

beforeEach(() => {
  workspace = new CargoWorkspace();
});
afterEach(() => workspace.remove());
afterAll(() => rmSync(tools.folder, { recursive: true }));

function captureApp(more: Partial<CaptureRequest> = {}, signal = new AbortController().signal) {
  return capture({ cwd: workspace.root, package: 'app', ...tools, ...more }, signal);
}

async function refusalCode(more: Partial<CaptureRequest>): Promise<string> {
  const error = await captureApp(more).catch((caught: unknown) => caught);
  if (!(error instanceof Refusal)) throw error;
  return error.reasons[0].code;
}

function names(record: BuildRecord): readonly string[] {
  return record.crates.map(({ name }) => name);
}

function crateFile(record: BuildRecord, index: number): string {
  return workspace.path(`target/hotpatch/crates/${record.crates[index]?.id}.json`);
}

describe('the record of a build', () => {
  it('has the crates of the image, dependencies first, as cargo compiled them', async () => {
    const record = await captureApp();
    expect(names(record)).toEqual(['base', 'core_lib', 'app']);
    expect(workspace.run(record.image.path)).toBe('1 119 3');
    const core = record.crates[1];
    expect(core).toMatchObject({
      kind: 'lib',
      cwd: workspace.root,
      root: workspace.path('core_lib/src/lib.rs'),
    });
    expect(core?.env).toMatchObject({ FROM_SCRIPT: 'yes', CARGO_PKG_NAME: 'core_lib' });
    expect(Object.keys(core?.env ?? {})).not.toContain('CARGO_MAKEFLAGS');
    expect(core?.sources).toContain(workspace.path('core_lib/text.txt'));
    expect(core?.sources).toContain(path.join(core?.env.OUT_DIR ?? '', 'generated.rs'));
    expect(core?.envDeps).toContain('FROM_SCRIPT');
    for (const crate of record.crates)
      expect(readdirSync(crate.units).every((file) => file.endsWith('.o'))).toBe(true);
  });

  it('names what only cargo can follow', async () => {
    const { manifests } = await captureApp();
    expect(manifests).toEqual(
      expect.arrayContaining(
        [
          'Cargo.toml',
          'Cargo.lock',
          'app/Cargo.toml',
          '.cargo/config.toml',
          'core_lib/build.rs',
          'core_lib/seed.txt',
          'mac/src/lib.rs',
        ].map((file) => workspace.path(file)),
      ),
    );
    expect(manifests).not.toContain(workspace.path('base/src/lib.rs'));
  });

  it('has the libraries that no code names yet, and what a patch needs of them', async () => {
    workspace.edit('app/src/main.rs', 'tally::ones(7)', '3');
    workspace.edit('app/src/main.rs', 'core_lib::price(2)', '119');
    const { crates, image, manifests } = await captureApp();
    expect(crates.map(({ name }) => name)).toEqual(['base', 'core_lib', 'app']);
    expect(image.crates).toEqual([image.crate]);
    expect(manifests).not.toContain(workspace.path('base/src/lib.rs'));
    expect(manifests).toContain(workspace.path('mac/src/lib.rs'));
    const deps = workspace.path('target/debug/deps');
    expect(image.archives).toEqual(
      expect.arrayContaining([
        path.join(deps, `lib${crates[0]?.id}.rlib`),
        expect.stringMatching(/deps\/libtally-\w+\.rlib$/),
      ]),
    );
  });

  it('describes an image with the loader first among its libraries', async () => {
    const { image } = await captureApp();
    const dynamic = execFileSync('readelf', ['-d', image.file], { encoding: 'utf8' });
    const needed = [...dynamic.matchAll(/Shared library: \[(.+)\]/g)].map((match) => match[1]);
    expect(needed[0]).toBe(tools.loader);
    const notes = execFileSync('readelf', ['-n', image.file], { encoding: 'utf8' });
    expect(notes).toContain(image.buildId);
    expect(image.archives).toContain(workspace.path(`target/debug/deps/lib${image.crates[1]}.rlib`));
    expect(image.archives.every((file) => existsSync(file))).toBe(true);
  });

  it('has full debug information, symbols and units for an optimised build that strips', async () => {
    workspace.write({
      'Cargo.toml':
        '[workspace]\nmembers = ["app", "core_lib", "base", "mac"]\nresolver = "2"\n[profile.release]\nstrip = true\n',
    });
    const record = await captureApp({ release: true });
    const sections = execFileSync('readelf', ['-SW', record.image.file], { encoding: 'utf8' });
    expect(sections).toContain('.symtab');
    expect(sections).toContain('.debug_info');
    expect(record.crates.every(({ units }) => readdirSync(units).length > 0)).toBe(true);
  });
});

describe('third-party crates', () => {
  it('keep the artifacts of an ordinary cargo build, in both directions', async () => {
    expect(workspace.build()).toContain('tally');
    const deps = workspace.path('target/debug/deps');
    const modified = () =>
      readdirSync(deps)
        .filter((file) => file.startsWith('libtally'))
        .map((file) => `${file} ${statSync(path.join(deps, file)).mtimeMs}`);
    const before = modified();
    await captureApp();
    expect(modified()).toEqual(before);
    expect(workspace.build()).toEqual([]);
  });

  it('go through the wrapper of the user, and the workspace does not', async () => {
    const log = workspace.path('log');
    workspace.write({ 'cache.sh': `#!/bin/sh\necho "$@" >> ${log}\nexec "$@"\n` });
    chmodSync(workspace.path('cache.sh'), 0o755);
    await captureApp({ env: { RUSTC_WRAPPER: workspace.path('cache.sh') } });
    expect(readFileSync(log, 'utf8')).toContain('--crate-name tally');
    expect(readFileSync(log, 'utf8')).not.toContain('--crate-name base');
  });
});

describe('a second capture', () => {
  it('tells from the records what cargo finds fresh', async () => {
    const first = await captureApp();
    expect(await captureApp()).toEqual(first);
  });

  it('follows an edit', async () => {
    const first = await captureApp();
    workspace.edit('base/src/lib.rs', 'x * 2', 'x * 3');
    const second = await captureApp();
    expect(second.image.buildId).not.toBe(first.image.buildId);
    expect(workspace.run(second.image.path)).toBe('1 121 3');
    expect(workspace.run(first.image.file)).toBe('1 119 3');
  });

  it.each([
    ['all records were deleted', () => rmSync(workspace.path('target/hotpatch'), { recursive: true })],
    ['one record is damaged', (record: BuildRecord) => writeFileSync(crateFile(record, 0), '{"format": 2')],
    ['one record is missing', (record: BuildRecord) => rmSync(crateFile(record, 1))],
    [
      'units are missing',
      (record: BuildRecord) => rmSync(record.crates[1]?.units ?? '', { recursive: true }),
    ],
  ])('builds the workspace anew when %s', async (_, damage) => {
    damage(await captureApp());
    const record = await captureApp();
    expect(names(record)).toEqual(['base', 'core_lib', 'app']);
    expect(record.crates.every(({ units, state }) => existsSync(units) && existsSync(state))).toBe(true);
  });

  it('links anew when the loader lies elsewhere', async () => {
    await captureApp();
    const loader = path.join(tools.folder, 'libmoved.so');
    symlinkSync(tools.loader, loader);
    const { image } = await captureApp({ loader });
    expect(execFileSync('readelf', ['-d', image.file], { encoding: 'utf8' })).toContain(loader);
  });

  it('goes on after one that was aborted', async () => {
    const abort = new AbortController();
    const aborted = captureApp({}, abort.signal);
    setTimeout(() => abort.abort(new Error('enough')), 300);
    await expect(aborted).rejects.toThrow('enough');
    expect(names(await captureApp())).toEqual(['base', 'core_lib', 'app']);
    expect(readdirSync(workspace.path('target/hotpatch/runs'))).toEqual([]);
  });
});

describe('wrappers of the user', () => {
  it('for the workspace run between us and rustc', async () => {
    const log = workspace.path('log');
    workspace.write({
      'mine.sh': `#!/bin/sh\necho "$@" >> ${log}\nexec "$@"\n`,
      '.cargo/config.toml':
        '[build]\nrustc-workspace-wrapper = "./mine.sh"\n[source.crates-io]\nreplace-with = "vendored"\n[source.vendored]\ndirectory = "vendor"\n',
    });
    chmodSync(workspace.path('mine.sh'), 0o755);
    const record = await captureApp();
    expect(record.crates[0]?.wrapper).toBe(workspace.path('mine.sh'));
    expect(readFileSync(log, 'utf8')).toContain('--crate-name base');
  });

  it('for linking are still what links', async () => {
    const log = workspace.path('log');
    workspace.write({ 'tools/my-gcc': `#!/bin/sh\necho linked >> ${log}\nexec cc "$@"\n` });
    chmodSync(workspace.path('tools/my-gcc'), 0o755);
    const linker = workspace.path('tools/my-gcc');
    const { image } = await captureApp({ env: { CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER: linker } });
    expect(image.linker).toBe(linker);
    expect(existsSync(log)).toBe(true);
  });
});

describe('is refused with its reason', () => {
  it('a workspace without a Rust toolchain', async () => {
    expect(await refusalCode({ env: { PATH: '/nonexistent' } })).toBe('no-rust-toolchain');
  });

  it('a machine without a C compiler', async () => {
    const bin = workspace.path('bin');
    mkdirSync(bin);
    for (const tool of ['cargo', 'rustc', 'sh']) {
      const found = execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim();
      symlinkSync(found, path.join(bin, tool));
    }
    expect(await refusalCode({ env: { PATH: bin } })).toBe('no-c-compiler');
  });

  it('a linker that does not exist', async () => {
    const env = { CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER: 'no-such-linker' };
    expect(await refusalCode({ env })).toBe('no-c-compiler');
  });

  it('a crate that does not build', async () => {
    workspace.edit('base/src/lib.rs', 'x * 2', 'x * "2"');
    expect(await refusalCode({})).toBe('build-failed');
  });

  it('a manifest that cargo cannot read', async () => {
    workspace.write({ 'app/Cargo.toml': 'not toml' });
    expect(await refusalCode({})).toBe('build-failed');
  });

  it('link-time optimisation', async () => {
    const env = { CARGO_PROFILE_RELEASE_LTO: 'fat' };
    expect(await refusalCode({ release: true, env })).toBe('lto');
  });

  it('link-time optimisation that the manifest asks for, before anything is compiled', async () => {
    const manifest = readFileSync(workspace.path('Cargo.toml'), 'utf8');
    workspace.write({
      'Cargo.toml': `${manifest}\n[profile.release]\nlto = true\n[profile.small]\ninherits = "release"\nopt-level = "z"\n`,
    });
    expect(await refusalCode({ profile: 'small' })).toBe('lto');
    expect(existsSync(workspace.path('target/small'))).toBe(false);
    const env = { CARGO_PROFILE_SMALL_LTO: 'off' };
    const record = await captureApp({ profile: 'small', env });
    expect(workspace.run(record.image.path)).toBe('1 119 3');
  });

  it('a static image', async () => {
    const env = { RUSTFLAGS: '-C target-feature=+crt-static' };
    // With a target named, cargo leaves proc macros and build scripts without these flags.
    const cargoArgs = ['--target', 'x86_64-unknown-linux-gnu'];
    expect(await refusalCode({ env, cargoArgs })).toBe('static-image');
  });

  it('a choice among several executables', async () => {
    workspace.write({ 'app/src/bin/second.rs': 'fn main() {}\n' });
    expect(await refusalCode({})).toBe('which-executable');
    const record = await captureApp({ bin: 'second' });
    expect(path.basename(record.image.path)).toBe('second');
  });
});

it('captures an example', async () => {
  workspace.write({ 'app/examples/demo.rs': 'fn main() { println!("{}", core_lib::price(1)); }\n' });
  const record = await captureApp({ example: 'demo' });
  expect(workspace.run(record.image.path)).toBe('117');
  expect(names(record)).toEqual(['base', 'core_lib', 'demo']);
});

it('captures the library of a package besides its binary', async () => {
  workspace.write({ 'app/src/lib.rs': 'pub fn shared() -> u32 { 5 }\n' });
  workspace.edit('app/src/main.rs', 'page::hello()', 'app::shared()');
  expect((await captureApp()).crates.map(({ name, kind }) => `${kind} ${name}`)).toContain('lib app');
});
