import { output, readJson, type Tree, updateJson } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { packageManifest } from '../../testing/scratch-workspace';
import { type AppGeneratorSchema, appGenerator as generator } from './app';

let tree: Tree;
let log: jest.SpyInstance;
beforeEach(() => {
  tree = createTreeWithEmptyWorkspace();
  // As it is after an installation, so that the generator has nothing to install.
  updateJson(tree, 'package.json', (json) => ({ ...json, devDependencies: { 'nx-hotpatch': '0.1.0' } }));
  log = jest.spyOn(output, 'log').mockImplementation();
});
afterEach(() => jest.restoreAllMocks());

/** Without formatting: the formatter of the empty workspace is not installed here. */
const appGenerator = (host: Tree, options: AppGeneratorSchema) =>
  generator(host, { ...options, skipFormat: true });
const read = (file: string) => tree.read(file, 'utf8');

describe('nx g nx-hotpatch:app', () => {
  it('makes a program, a Cargo workspace for it, registers the plugin, and says what to run', async () => {
    const done = await appGenerator(tree, { directory: 'apps/hello/' });
    expect(read('Cargo.toml')).toBe('[workspace]\nresolver = "3"\nmembers = ["apps/hello"]\n');
    expect(read('apps/hello/Cargo.toml')).toContain('name = "hello"\n');
    expect(read('apps/hello/src/main.rs')).toContain('nx run hello:hotpatch');
    expect(readJson(tree, 'nx.json').plugins).toEqual([expect.objectContaining({ plugin: 'nx-hotpatch' })]);
    expect(read('.gitignore')).toContain('/target/\n');
    expect(log).not.toHaveBeenCalled();
    await done();
    expect(JSON.stringify(log.mock.calls)).toContain('nx run hello:hotpatch');
  });

  const members = [
    ['on one line', 'members = ["a"]', 'members = ["a", "apps/hello"]'],
    ['with a comma behind the last', 'members = [ "a", ]', 'members = [ "a", "apps/hello"]'],
    [
      'in lines of their own',
      'members = [\n    "a", # first\n    "b"\n]',
      'members = [\n    "a", # first\n    "b",\n    "apps/hello",\n]',
    ],
    ['of which there are none', 'members = []', 'members = ["apps/hello"]'],
    ['that a pattern covers', 'members = ["apps/*"]', 'members = ["apps/*"]'],
  ] as const;
  it.each(members)('joins a Cargo workspace with members %s', async (_, before, after) => {
    const rest = '[workspace.package]\nedition = "2021" # as ever\n';
    tree.write('Cargo.toml', `# ours\n[workspace]\n${before}\n${rest}`);
    await appGenerator(tree, { directory: 'apps/hello' });
    expect(read('Cargo.toml')).toBe(`# ours\n[workspace]\n${after}\n${rest}`);
  });

  it('joins a Cargo workspace that lists no members', async () => {
    tree.write('Cargo.toml', `${packageManifest('root')}\n[workspace]\nresolver = "2"\n`);
    await appGenerator(tree, { directory: 'apps/hello' });
    expect(read('Cargo.toml')).toContain('[workspace]\nmembers = ["apps/hello"]\nresolver = "2"\n');
  });

  it('joins the nearest of nested Cargo workspaces', async () => {
    tree.write('Cargo.toml', '[workspace]\nmembers = []\nexclude = ["backend"]\n');
    tree.write('backend/Cargo.toml', '[workspace]\nmembers = []\n');
    await appGenerator(tree, { directory: 'backend/apps/hello', name: 'greeter' });
    expect(read('Cargo.toml')).toBe('[workspace]\nmembers = []\nexclude = ["backend"]\n');
    expect(read('backend/Cargo.toml')).toBe('[workspace]\nmembers = ["apps/hello"]\n');
    expect(read('backend/apps/hello/Cargo.toml')).toContain('name = "greeter"\n');
  });

  it('stands alone where others do', async () => {
    tree.write('tools/Cargo.toml', packageManifest('tools'));
    await appGenerator(tree, { directory: 'apps/hello' });
    expect(tree.exists('Cargo.toml')).toBe(false);
    expect(read('.gitignore')).toContain('/apps/hello/target/\n');
  });

  it('stands alone in a folder that the Cargo workspace around it leaves out', async () => {
    tree.write('Cargo.toml', '[workspace]\nmembers = []\nexclude = ["apps"]\n');
    await appGenerator(tree, { directory: 'apps/hello' });
    expect(read('Cargo.toml')).toBe('[workspace]\nmembers = []\nexclude = ["apps"]\n');
  });

  it('says what to do where the list of members cannot be found in the text', async () => {
    tree.write('Cargo.toml', 'workspace.members = ["a"]\n');
    await expect(appGenerator(tree, { directory: 'apps/hello' })).rejects.toThrow(
      /^apps\/hello cannot be added to the Cargo workspace of Cargo\.toml\.\nAdd "apps\/hello" to its `members`/,
    );
  });

  it.each([
    ['../hello', undefined, /cannot be in '\.\.\/hello'/],
    ['.', 'hello', /cannot be in '\.'/],
    ['apps/taken', undefined, /^apps\/taken is not empty\./],
    ['apps/1st', undefined, /^'1st' cannot be the name of a Cargo package\./],
    ['apps/x', 'a b', /^'a b' cannot be the name/],
  ])('is not made in %s with the name %s', async (directory, name, words) => {
    tree.write('apps/taken/notes.md', '');
    const before = tree.listChanges().length;
    await expect(appGenerator(tree, { directory, ...(name === undefined ? {} : { name }) })).rejects.toThrow(
      words,
    );
    expect(tree.listChanges()).toHaveLength(before);
  });
});
