import { packageManifest, ScratchWorkspace } from './testing/scratch-workspace';

/** What asks cargo, and what parses manifests. */
const DEAR = ['smol-toml', 'minimatch', 'execa'];

let scratch: ScratchWorkspace;
afterEach(() => {
  for (const name of DEAR) jest.dontMock(name);
  scratch.remove();
});

/** In a file of its own: modules are loaded anew, so that state of theirs is no longer that of the imports above. */
describe('a new process', () => {
  it('loads no parser of manifests and nothing that asks cargo when nothing has changed', async () => {
    const files = {
      'Cargo.toml': '[workspace]\nmembers = ["app", "lib"]\n',
      'app/Cargo.toml': packageManifest('app', '[dependencies]\nlib = { path = "../lib" }\n'),
      'app/src/main.rs': 'fn main() {}',
      'lib/Cargo.toml': packageManifest('lib'),
      'lib/src/lib.rs': '',
    };
    scratch = new ScratchWorkspace(files);
    const before = await scratch.projects();
    jest.resetModules();
    for (const name of DEAR)
      jest.doMock(name, () => {
        throw new Error(`${name} is loaded.`);
      });
    const { createNodes } = require('./nodes') as typeof import('./nodes');
    const manifests = Object.keys(files).filter((file) => file.endsWith('Cargo.toml'));
    const context = { nxJsonConfiguration: {}, workspaceRoot: scratch.root };
    const results = await createNodes[1](manifests, {}, context);
    expect(Object.assign({}, ...results.map(([, { projects }]) => projects))).toEqual(before);
    // They are what is needed as soon as a manifest is another.
    scratch.write({ 'lib/Cargo.toml': packageManifest('lib', 'description = "x"\n') });
    await expect(createNodes[1](manifests, {}, context)).rejects.toThrow(/is loaded/);
  });
});
