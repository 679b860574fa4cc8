import { rmSync } from 'node:fs';
import { makeBuildTools } from '../testing/build-tools';
import { CargoWorkspace } from '../testing/cargo-workspace';
import { capture } from './capture';
import { HotpatchFolder } from './hotpatch-folder';
import { findStoredBuild } from './stored-build';

jest.setTimeout(120_000);

const tools = makeBuildTools();
const { signal } = new AbortController();
let workspace: CargoWorkspace;

afterEach(() => workspace.remove());
afterAll(() => rmSync(tools.folder, { recursive: true }));

it('is not found once a library of it was compiled anew for another program', async () => {
  workspace = new CargoWorkspace({
    'Cargo.toml': '[workspace]\nmembers = ["app", "other", "core_lib", "base", "mac"]\nresolver = "2"\n',
    'other/Cargo.toml':
      '[package]\nname = "other"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\nbase = { path = "../base" }\n',
    'other/src/main.rs': 'fn main() { println!("{}", base::twice(4)); }\n',
  });
  const build = (name: string) => capture({ cwd: workspace.root, package: name, ...tools }, signal);
  const { image, targetDir } = await build('app');
  const find = () => findStoredBuild(image.path, new HotpatchFolder(targetDir), tools.loader);
  expect(find()?.image.buildId).toBe(image.buildId);

  workspace.edit('base/src/lib.rs', 'x * 2', 'x * 3');
  const other = await build('other');
  expect(workspace.run(other.image.path)).toBe('12');
  expect(find()).toBeUndefined();

  const anew = await build('app');
  expect(workspace.run(anew.image.path)).toBe('1 121 3');
  expect(find()?.image.buildId).toBe(anew.image.buildId);
});
