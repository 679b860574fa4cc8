import { logger } from '@nx/devkit';
import { readCargoWorkspaces } from './cargo/read';
import type { HotpatchPluginOptions } from './options';
import { packageManifest, ScratchWorkspace } from './testing/scratch-workspace';

let scratch: ScratchWorkspace;
const workspace = (files: Record<string, string>) => {
  scratch = new ScratchWorkspace(files);
  return scratch;
};
afterEach(() => scratch.remove());

const app = (name: string, rest = '') => ({
  manifest: packageManifest(name, rest),
  main: 'fn main() {}\n',
});

describe('projects of a Cargo workspace', () => {
  it('are its packages, at the Nx root and below', async () => {
    const { manifest, main } = app('server');
    const ws = workspace({
      'Cargo.toml': `[workspace]\nmembers = ["crates/*"]\n${manifest}`,
      'src/main.rs': main,
      'crates/core/Cargo.toml': packageManifest('core_lib', 'description = "Prices."\n'),
      'crates/core/src/lib.rs': '',
    });
    expect(await ws.projects()).toEqual({
      '.': {
        name: 'server',
        root: '.',
        sourceRoot: 'src',
        projectType: 'application',
        metadata: { technologies: ['rust'] },
        targets: {
          hotpatch: {
            executor: 'nx-hotpatch:hotpatch',
            continuous: true,
            readyWhen: { signal: true },
            options: { manifestPath: 'Cargo.toml', package: 'server' },
            configurations: { release: { profile: 'release' } },
            metadata: {
              description: 'Run server and hot patch it on every save.',
              technologies: ['rust'],
              help: {
                command: 'npx nx hotpatch --help',
                example: {
                  options: { onRefused: 'keep', env: { RUST_LOG: 'debug' } },
                  args: ['--port=8080'],
                },
              },
            },
          },
          'hotpatch-tell': {
            executor: 'nx-hotpatch:hotpatch',
            cache: false,
            options: { manifestPath: 'Cargo.toml', package: 'server', tell: 'status' },
            configurations: { release: { profile: 'release' } },
            metadata: {
              description: 'Tell the session that runs server something: undo, status, restart.',
              technologies: ['rust'],
            },
          },
        },
      },
      'crates/core': {
        name: 'core_lib',
        root: 'crates/core',
        sourceRoot: 'crates/core/src',
        projectType: 'library',
        metadata: { technologies: ['rust'], description: 'Prices.' },
        targets: {},
      },
    });
  });

  it('are found in nested workspaces, in several, and in packages that stand alone', async () => {
    const ws = workspace({
      'backend/Cargo.toml': '[workspace]\nmembers = ["api", "libs/*"]\nexclude = ["libs/old"]\n',
      'backend/api/Cargo.toml': packageManifest('api'),
      'backend/api/src/main.rs': 'fn main() {}',
      'backend/libs/a/Cargo.toml': packageManifest('a'),
      'backend/libs/a/src/lib.rs': '',
      'backend/libs/old/Cargo.toml': packageManifest('old'),
      'backend/libs/old/src/lib.rs': '',
      'tools/Cargo.toml': '[workspace]\nmembers = ["*"]\n',
      'tools/gen/Cargo.toml': packageManifest('gen'),
      'tools/gen/src/main.rs': 'fn main() {}',
      'alone/Cargo.toml': packageManifest('alone'),
      'alone/src/lib.rs': '',
    });
    expect(await ws.names()).toEqual(['alone', 'api', 'a', 'old', 'gen']);
    expect(ws.cargoRuns()).toBe(4);
  });

  it('include a package inside the folder of another', async () => {
    const ws = workspace({
      'Cargo.toml': '[workspace]\nmembers = ["app"]\n',
      'app/Cargo.toml': packageManifest('app', '[dependencies]\nmacros = { path = "macros" }\n'),
      'app/src/main.rs': 'fn main() {}',
      'app/macros/Cargo.toml': packageManifest('macros', '[lib]\nproc-macro = true\n'),
      'app/macros/src/lib.rs': '',
    });
    expect(await ws.names()).toEqual(['app', 'macros']);
    expect((await ws.projects())['app/macros']?.targets).toEqual({});
  });

  it('leave out what builds and package managers made, and test data that no workspace lists', async () => {
    const ws = workspace({
      'Cargo.toml': '[workspace]\nmembers = ["app", "target-of-mine"]\n',
      'app/Cargo.toml': packageManifest('app'),
      'app/src/lib.rs': '',
      'target-of-mine/Cargo.toml': packageManifest('mine'),
      'target-of-mine/src/lib.rs': '',
      'target/CACHEDIR.TAG': '',
      'target/package/app-0.1.0/Cargo.toml': packageManifest('app'),
      'node_modules/x/Cargo.toml': packageManifest('x'),
      'app/tests/data/Cargo.toml': packageManifest('data'),
    });
    expect(await ws.names()).toEqual(['app', 'mine']);
  });

  it('are told apart by folder where two Cargo workspaces use one name', async () => {
    const ws = workspace({
      'a/Cargo.toml': packageManifest('util'),
      'a/src/lib.rs': '',
      'b/Cargo.toml': packageManifest('util'),
      'b/src/lib.rs': '',
      'c/Cargo.toml': packageManifest('other'),
      'c/src/lib.rs': '',
    });
    expect(await ws.names()).toEqual(['util@a', 'util@b', 'other']);
  });

  it('can be chosen by globs', async () => {
    const ws = workspace({
      'Cargo.toml': '[workspace]\nmembers = ["crates/*"]\n',
      'crates/a/Cargo.toml': packageManifest('a'),
      'crates/a/src/lib.rs': '',
      'crates/b/Cargo.toml': packageManifest('b'),
      'crates/b/src/lib.rs': '',
    });
    expect(await ws.names({ exclude: ['crates/a'] })).toEqual(['b']);
    expect(await ws.names({ include: ['**/a/Cargo.toml'] })).toEqual(['a']);
  });
});

describe('the target of a package', () => {
  it('leaves the choice of cargo alone, and names every other program as a configuration', async () => {
    const ws = workspace({
      'Cargo.toml': packageManifest(
        'tools',
        'default-run = "tools"\n[features]\nextra = []\n[[bin]]\nname = "admin"\npath = "src/admin.rs"\nrequired-features = ["extra"]\n',
      ),
      'src/main.rs': 'fn main() {}',
      'src/admin.rs': 'fn main() {}',
      'src/bin/one.rs': 'fn main() {}',
      'src/bin/two/main.rs': 'fn main() {}',
      'examples/tour.rs': 'fn main() {}',
    });
    const targets = (await ws.projects({ hotpatchTargetName: 'hotpatch-run' }))['.']?.targets ?? {};
    expect(Object.keys(targets)).toEqual(['hotpatch-run', 'hotpatch-tell']);
    expect(targets['hotpatch-run']).toMatchObject({
      options: { manifestPath: 'Cargo.toml', package: 'tools' },
      configurations: {
        admin: { bin: 'admin', features: ['extra'] },
        one: { bin: 'one' },
        two: { bin: 'two' },
        tools: { bin: 'tools' },
        'example-tour': { example: 'tour' },
      },
    });
  });

  it('runs the only example of a library', async () => {
    const ws = workspace({
      'Cargo.toml': packageManifest('lib'),
      'src/lib.rs': '',
      'examples/tour.rs': 'fn main() {}',
    });
    const target = (await ws.projects())['.']?.targets?.hotpatch;
    expect(target?.options).toEqual({ manifestPath: 'Cargo.toml', package: 'lib', example: 'tour' });
    expect(target?.configurations).toEqual({ release: { profile: 'release' } });
  });

  it.each(['"cdylib"', '"rlib", "cdylib"'])('patches a library of type %s in its host', async (types) => {
    const ws = workspace({
      'addon/Cargo.toml': packageManifest('addon', `\n[lib]\ncrate-type = [${types}]\n`),
      'addon/src/lib.rs': '',
    });
    const { targets } = (await ws.projects()).addon ?? {};
    expect(targets?.hotpatch?.options).toEqual({ manifestPath: 'addon/Cargo.toml', package: 'addon' });
    expect(targets?.hotpatch?.metadata?.description).toMatch(/addon .* whose command line stands behind/);
  });

  it('can be switched off: the project stays', async () => {
    const ws = workspace({ 'Cargo.toml': packageManifest('app'), 'src/main.rs': 'fn main() {}' });
    expect((await ws.projects({ hotpatchTargetName: false }))['.']).toMatchObject({
      name: 'app',
      targets: {},
    });
  });

  it.each([
    [
      'a name that another plugin could claim',
      { hotpatchTargetName: 'serve' },
      /hotpatchTargetName .*"serve": .*starts with 'hotpatch'/,
    ],
    [
      'a misspelt option',
      { hotpatchTarget: 'hotpatch' },
      /no option 'hotpatchTarget' .*hotpatchTargetName, .*include, exclude/,
    ],
  ])('is not made for %s', async (_, options, words) => {
    const ws = workspace({ 'Cargo.toml': packageManifest('lib'), 'src/lib.rs': '' });
    await expect(ws.projects(options as HotpatchPluginOptions)).rejects.toThrow(words);
  });
});

describe('cargo', () => {
  const files = {
    'Cargo.toml': '[workspace]\nmembers = ["app", "lib"]\n',
    'app/Cargo.toml': packageManifest('app', '[dependencies]\nlib = { path = "../lib" }\n'),
    'app/src/main.rs': 'fn main() {}',
    'lib/Cargo.toml': packageManifest('lib'),
    'lib/src/lib.rs': '',
  };

  it('does not run when a source file is saved', async () => {
    const ws = workspace(files);
    await ws.edges();
    expect(ws.cargoRuns()).toBe(1);
    ws.write({ 'app/src/main.rs': 'fn main() { println!() }', 'lib/src/new_module.rs': '' });
    await ws.edges();
    expect(ws.cargoRuns()).toBe(1);
  });

  it('runs once for each change that can change its answer', async () => {
    const ws = workspace(files);
    await ws.projects();
    const changes: Record<string, string>[] = [
      { 'lib/Cargo.toml': packageManifest('lib', 'description = "x"\n') },
      { 'app/src/bin/second.rs': 'fn main() {}' },
      { 'Cargo.lock': 'version = 4\n' },
      { 'lib/examples/tour/main.rs': 'fn main() {}' },
    ];
    for (const [at, change] of changes.entries()) {
      ws.write(change);
      await ws.projects();
      await ws.projects();
      expect(ws.cargoRuns()).toBe(at + 2);
    }
    expect(Object.keys((await ws.projects()).app?.targets?.hotpatch?.configurations ?? {})).toEqual([
      'app',
      'second',
      'release',
    ]);
  });

  it('runs once for a hundred crates, and not at all when they were seen before', async () => {
    const many: Record<string, string> = { 'Cargo.toml': '[workspace]\nmembers = ["c*"]\n' };
    for (let n = 0; n < 100; n++) {
      const needs = n === 0 ? '' : `[dependencies]\nc${n - 1} = { path = "../c${n - 1}" }\n`;
      many[`c${n}/Cargo.toml`] = packageManifest(`c${n}`, needs);
      many[`c${n}/src/lib.rs`] = '';
    }
    const ws = workspace(many);
    expect(await ws.edges()).toHaveLength(99);
    expect(await ws.edges()).toHaveLength(99);
    expect(ws.cargoRuns()).toBe(1);
  });

  it('is not asked in turns where nx.json leaves manifests out, of which only the projects are without', async () => {
    const ws = workspace(files);
    const isLeft = (manifest: string) => manifest !== 'lib/Cargo.toml';
    await ws.edges({}, isLeft);
    const runs = ws.cargoRuns();
    await ws.edges({}, isLeft);
    await ws.edges({}, isLeft);
    expect(ws.cargoRuns()).toBe(runs);
  });

  it('can be absent: the manifests alone give the same graph, with one warning', async () => {
    const ws = workspace({
      ...files,
      'Cargo.toml': '[workspace]\nmembers = ["app"]\n[workspace.dependencies]\nlib = { path = "lib" }\n',
      'app/Cargo.toml': packageManifest(
        'app',
        'default-run = "app"\n[[example]]\nname = "shared"\ncrate-type = ["cdylib"]\npath = "s.rs"\n[target."cfg(unix)".dev-dependencies]\nlib.workspace = true\n',
      ),
      'app/s.rs': '',
      'app/src/bin/b.rs': 'fn main() {}',
      'app/examples/e.rs': 'fn main() {}',
      'other/Cargo.toml': `${packageManifest('other')}[workspace]\n`,
      'other/src/lib.rs': '',
    });
    const withCargo = [await ws.projects(), await ws.edges()];
    expect(ws.cargoRuns()).toBe(2);
    const warn = jest.spyOn(logger, 'warn').mockImplementation();
    ws.removeCargo();
    // A changed lock file makes every cached answer unfit.
    ws.write({ 'Cargo.lock': '# new\n', 'other/Cargo.lock': '# new\n' });
    expect([await ws.projects(), await ws.edges()]).toEqual(withCargo);
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/^nx-hotpatch: There is no cargo on the PATH/)]]);
    warn.mockRestore();
  });

  it('can refuse a workspace: its reason is shown, and the manifests alone give the graph', async () => {
    const ws = workspace({
      ...files,
      'Cargo.toml': '[workspace]\nmembers = ["app", "lib", "missing"]\n',
    });
    const warn = jest.spyOn(logger, 'warn').mockImplementation();
    expect(await ws.names()).toEqual(['app', 'lib']);
    expect(await ws.names()).toEqual(['app', 'lib']);
    expect(ws.cargoRuns()).toBe(1);
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/Cargo does not accept Cargo.toml.*missing/)]]);
    warn.mockRestore();
  });
});

describe('a manifest that is not TOML', () => {
  it('is named, and costs no other project', async () => {
    const ws = workspace({
      'broken/Cargo.toml': '[package\nname = "x"\n',
      'fine/Cargo.toml': packageManifest('fine'),
      'fine/src/lib.rs': '',
    });
    const { errors, partialResults } = await ws.brokenProjects();
    expect(errors).toEqual([['broken/Cargo.toml', expect.objectContaining({ name: 'Error' })]]);
    expect(errors[0]?.[1].message).toMatch(/^broken\/Cargo.toml:1:9 cannot be read: /);
    expect(partialResults.map(([file]) => file)).toEqual(['fine/Cargo.toml']);
  });
});

describe('an Nx workspace inside of a Cargo workspace', () => {
  it('has the packages that lie in it, each once', async () => {
    const outer = workspace({
      'Cargo.toml': '[workspace]\nmembers = ["web/native", "web/tool", "elsewhere"]\n',
      'web/native/Cargo.toml': packageManifest('native'),
      'web/native/src/lib.rs': '',
      'web/tool/Cargo.toml': packageManifest('tool'),
      'web/tool/src/main.rs': 'fn main() {}',
      'elsewhere/Cargo.toml': packageManifest('elsewhere'),
      'elsewhere/src/lib.rs': '',
    });
    const { workspaces } = await readCargoWorkspaces(`${outer.root}/web`, [
      'native/Cargo.toml',
      'tool/Cargo.toml',
    ]);
    const packages = workspaces.flatMap((found) => found.packages);
    expect(packages.map(({ name, folder }) => [name, folder])).toEqual([
      ['native', 'native'],
      ['tool', 'tool'],
    ]);
  });
});
