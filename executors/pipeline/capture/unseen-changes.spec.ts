import { rmSync, utimesSync } from 'node:fs';
import { makeBuildTools } from '../testing/build-tools';
import { CargoWorkspace } from '../testing/cargo-workspace';
import { capture } from './capture';

jest.setTimeout(120_000);

const tools = makeBuildTools();
let workspace: CargoWorkspace;

afterEach(() => workspace.remove());
afterAll(() => rmSync(tools.folder, { recursive: true }));

it('a source that a cache puts back with the time of before is compiled', async () => {
  workspace = new CargoWorkspace();
  const made = new Date();
  const file = workspace.edit('base/src/lib.rs', 'x * 2', 'x * 3');
  expect(await printed()).toBe('1 121 3');
  workspace.edit('base/src/lib.rs', 'x * 3', 'x * 4');
  expect(await printed()).toBe('1 123 3');
  workspace.edit('base/src/lib.rs', 'x * 4', 'x * 3');
  utimesSync(file, made, made);
  expect(await printed()).toBe('1 121 3');
});

async function printed(): Promise<string> {
  const request = { cwd: workspace.root, package: 'app', ...tools };
  const { image } = await capture(request, new AbortController().signal);
  return workspace.run(image.path);
}
