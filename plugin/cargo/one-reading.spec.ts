import { packageManifest, ScratchWorkspace } from '../testing/scratch-workspace';
import { readForDependencies, readForProjects } from './one-reading';

let scratch: ScratchWorkspace;
beforeEach(() => {
  scratch = new ScratchWorkspace({ 'app/Cargo.toml': packageManifest('app'), 'app/src/lib.rs': '' });
});
afterEach(() => scratch.remove());

const files = ['app/Cargo.toml'];

describe('the dependencies of a graph', () => {
  it('come of the reading that its projects were made of, and of no earlier one', async () => {
    const projects = await readForProjects(scratch.root, files);
    scratch.write({ 'app/Cargo.toml': packageManifest('renamed') });
    expect(await readForDependencies(scratch.root, files)).toBe(projects);
    const { workspaces } = await readForDependencies(scratch.root, files);
    expect(workspaces.flatMap(({ packages }) => packages.map(({ name }) => name))).toEqual(['renamed']);
  });

  it('come of one of their own where nx.json left manifests out for the projects', async () => {
    const projects = await readForProjects(scratch.root, []);
    expect(await readForDependencies(scratch.root, files)).not.toBe(projects);
  });
});
