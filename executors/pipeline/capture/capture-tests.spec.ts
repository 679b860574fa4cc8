import { rmSync } from 'node:fs';
import { makeBuildTools } from '../testing/build-tools';
import { CargoWorkspace } from '../testing/cargo-workspace';
import { captureTests } from './capture-tests';

jest.setTimeout(120_000);

const tools = makeBuildTools();
let workspace: CargoWorkspace;

beforeEach(() => {
  workspace = new CargoWorkspace({
    'base/src/lib.rs':
      'pub fn twice(x: u32) -> u32 { x * 2 }\n#[test] fn doubles() { assert_eq!(twice(2), 4) }\n',
    'base/tests/outside.rs': '#[test] fn doubles_for_others() { assert_eq!(base::twice(3), 6) }\n',
  });
});
afterEach(() => workspace.remove());
afterAll(() => rmSync(tools.folder, { recursive: true }));

const captureBase = (name = 'base') =>
  captureTests({ cwd: workspace.root, package: name, ...tools }, new AbortController().signal);

describe('the test programs of a package', () => {
  it('are recorded one by one, each with the crates in it, and run', async () => {
    const programs = await captureBase();
    const found = programs.map(({ name, record }) => [
      name,
      record.crates.map((crate) => crate.name),
      /test result: ok. \d+ passed/.exec(workspace.run(record.image.path))?.[0],
    ]);
    // cargo tells of them in the order in which they are done.
    expect(found.sort()).toEqual([
      ['lib base', ['base'], 'test result: ok. 1 passed'],
      ['test outside', ['base', 'outside'], 'test result: ok. 1 passed'],
    ]);
  });

  it('take no source of theirs for a manifest', async () => {
    const unit = (await captureBase()).find(({ name }) => name === 'lib base');
    expect(unit?.record.manifests).toContain(workspace.path('base/Cargo.toml'));
    expect(unit?.record.manifests).not.toContain(workspace.path('base/src/lib.rs'));
  });

  it('are those of a program that has no library', async () => {
    expect((await captureBase('app')).map(({ name }) => name)).toEqual(['bin app']);
  });

  it('are those that compile', async () => {
    workspace.write({ 'base/tests/broken.rs': 'fn' });
    expect((await captureBase()).map(({ name }) => name).sort()).toEqual(['lib base', 'test outside']);
  });

  it('are refused when no package has that name', async () => {
    await expect(captureBase('nobody')).rejects.toThrow(
      'nobody does not name one package; the workspace has app, core_lib, base, mac.',
    );
  });
});
