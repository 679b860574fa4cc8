import { output, readJson, type Tree, updateJson } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { packageManifest } from '../../testing/scratch-workspace';
import { initGenerator } from './init';

let tree: Tree;
let said: string[];
beforeEach(() => {
  tree = createTreeWithEmptyWorkspace();
  tree.delete('.gitignore');
  said = [];
  jest.spyOn(output, 'log').mockImplementation(({ title, bodyLines }) => {
    said.push(title, ...(bodyLines ?? []));
  });
});
afterEach(() => jest.restoreAllMocks());

/** The generator as `nx add` runs it, with what it says; package.json has the plugin by then. */
async function init(): Promise<string> {
  said = [];
  const done = await initGenerator(tree, {
    keepExistingVersions: true,
    skipPackageJson: true,
    skipFormat: true,
  });
  await done();
  return said.join('\n');
}

const cargoWorkspace = (folder: string) => {
  tree.write(`${folder}/Cargo.toml`, '[workspace]\nmembers = ["server"]\n');
  tree.write(`${folder}/server/Cargo.toml`, packageManifest('server'));
  tree.write(`${folder}/server/src/main.rs`, 'fn main() {}');
};

describe('nx add nx-hotpatch', () => {
  it('registers the plugin behind the others, has outputs ignored, and says what to run', async () => {
    updateJson(tree, 'nx.json', (json) => ({ ...json, plugins: ['@monodon/rust'] }));
    cargoWorkspace('backend');
    const words = await init();
    expect(readJson(tree, 'nx.json').plugins).toEqual([
      '@monodon/rust',
      { plugin: 'nx-hotpatch', options: { hotpatchTargetName: 'hotpatch' } },
    ]);
    expect(tree.read('.gitignore', 'utf8')).toBe('/backend/target/\n.nx/workspace-data\n');
    expect(words).toMatch(/^nx-hotpatch is set up\./);
    expect(words).toContain('.gitignore: /backend/target/, .nx/workspace-data');
    expect(words).toContain('`nx run server:hotpatch`');
  });

  it('changes nothing when it runs again, and says so', async () => {
    cargoWorkspace('.');
    await init();
    const files = tree.listChanges().map(({ path, content }) => [path, content?.toString()]);
    const words = await init();
    expect(tree.listChanges().map(({ path, content }) => [path, content?.toString()])).toEqual(files);
    expect(words).toMatch(/^nx-hotpatch was set up before; nothing has changed\./);
  });

  it.each([
    ['a name', 'nx-hotpatch'],
    ['an object', { plugin: 'nx-hotpatch', options: { exclude: ['**/fuzz'] } }],
  ])('keeps a registration as %s with its options', async (_, entry) => {
    updateJson(tree, 'nx.json', (json) => ({ ...json, plugins: [entry, 'other'] }));
    await init();
    expect(readJson(tree, 'nx.json').plugins).toEqual([entry, 'other']);
  });

  it('leaves to the .gitignore files what they ignore already, wherever they are', async () => {
    tree.write('.gitignore', 'node_modules\n.nx/\ntarget/');
    tree.write('own/.gitignore', '!target/\n');
    tree.write('rust/.gitignore', '/target\n');
    for (const folder of ['plain', 'own', 'rust']) cargoWorkspace(folder);
    await init();
    // `own` wants its folder in git against the rule of the root, and gets the question back as a visible line.
    expect(tree.read('.gitignore', 'utf8')).toBe('node_modules\n.nx/\ntarget/\n/own/target/\n');
  });

  it('has that folder ignored in which cargo is told to build', async () => {
    for (const folder of ['a', 'b', 'b/own', 'c']) cargoWorkspace(folder);
    tree.write('.cargo/config.toml', '[build]\ntarget-dir = "out/rust"\n');
    tree.write('b/.cargo/config.toml', '[build]\ntarget-dir = "made/"\n[net]\noffline = true\n');
    tree.write('c/.cargo/config.toml', '[build]\ntarget-dir = "/somewhere/else"\n');
    await init();
    expect(tree.read('.gitignore', 'utf8')).toBe('/out/rust/\n/b/made/\n.nx/workspace-data\n');
  });

  it('says how to begin where there is no Rust yet', async () => {
    const words = await init();
    expect(words).toContain('There is no Cargo.toml in this workspace yet.');
    expect(words).toContain('nx g nx-hotpatch:app apps/hello');
    expect(readJson(tree, 'nx.json').plugins).toHaveLength(1);
  });

  it('names no project whose name it cannot know', async () => {
    for (const folder of ['a', 'b']) cargoWorkspace(folder);
    const words = await init();
    expect(words).not.toContain('server:hotpatch');
    expect(words).toContain('nx show projects --with-target=hotpatch');
  });

  it('needs an nx.json', async () => {
    tree.delete('nx.json');
    await expect(init()).rejects.toThrow(/^There is no nx\.json here\.\nRun `npx nx init`/);
  });

  it('adds itself to package.json when it is not there, and keeps the version that is', async () => {
    const { version } = readJson(tree, 'package.json').devDependencies ?? {};
    expect(version).toBeUndefined();
    await initGenerator(tree, { skipFormat: true });
    expect(readJson(tree, 'package.json').devDependencies['nx-hotpatch']).toMatch(/^\d+\.\d+\.\d+/);
    updateJson(tree, 'package.json', (json) => ({ ...json, devDependencies: { 'nx-hotpatch': '9.9.9' } }));
    await initGenerator(tree, { skipFormat: true });
    expect(readJson(tree, 'package.json').devDependencies).toEqual({ 'nx-hotpatch': '9.9.9' });
  });
});
