import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageManifest, ScratchWorkspace } from '../testing/scratch-workspace';

let scratch: ScratchWorkspace;
afterEach(() => scratch.remove());

/** Two programs that share a library, and a library that only one of them needs. No crate comes from elsewhere. */
const files = {
  'Cargo.toml': '[workspace]\nmembers = ["app", "tool", "shared", "own"]\nresolver = "2"\n',
  'app/Cargo.toml': packageManifest(
    'app',
    '[dependencies]\nshared = { path = "../shared" }\nown = { path = "../own" }\n',
  ),
  'app/src/main.rs': 'fn main() {}',
  'tool/Cargo.toml': packageManifest('tool', '[dependencies]\nshared = { path = "../shared" }\n'),
  'tool/src/main.rs': 'fn main() {}',
  'shared/Cargo.toml': packageManifest('shared', '[features]\nfast = []\n'),
  'shared/src/lib.rs': '',
  'own/Cargo.toml': packageManifest('own'),
  'own/src/lib.rs': '',
};

function workspace(more: Readonly<Record<string, string>> = {}): ScratchWorkspace {
  scratch = new ScratchWorkspace({ ...files, ...more });
  lock();
  return scratch;
}

function lock(): void {
  execFileSync('cargo', ['generate-lockfile', '--offline', '--quiet'], { cwd: scratch.root });
}

async function targets(folder: string, options = {}) {
  return (await scratch.projects(options))[folder]?.targets ?? {};
}

async function sources(folder: string) {
  return (await scratch.projects())[folder]?.namedInputs?.hotpatchSources;
}

/** The key of each package. */
async function keys(): Promise<Record<string, unknown>> {
  const projects = await scratch.projects();
  return Object.fromEntries(
    Object.entries(projects).map(([folder, { targets }]) => [
      folder,
      targets?.['hotpatch-codegen']?.options.key,
    ]),
  );
}

/** The packages whose key `change` changes. */
async function changedBy(change: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const before = await keys();
  scratch.write(change);
  lock();
  const after = await keys();
  return Object.keys(after).filter((folder) => before[folder] !== after[folder]);
}

describe('the tasks of a package', () => {
  it('are codegen and a task for each slot of units, and the program has its own', async () => {
    workspace();
    expect(Object.keys(await targets('shared'))).toEqual([
      'hotpatch-codegen',
      'hotpatch-units',
      'hotpatch-unit--00',
    ]);
    expect(Object.keys(await targets('app'))).toEqual([
      'hotpatch-codegen',
      'hotpatch-units',
      'hotpatch-unit--00',
      'hotpatch-third-party',
      'hotpatch-workspace',
      'hotpatch-image',
      'hotpatch-base',
      'hotpatch-patch',
      'hotpatch',
      'hotpatch-tell',
    ]);
  });

  it('come after those of what it needs, whatever their projects are called', async () => {
    workspace();
    const { 'hotpatch-codegen': codegen, 'hotpatch-image': image } = await targets('app');
    expect(codegen?.dependsOn).toEqual([
      'hotpatch-third-party',
      { projects: ['directory:own', 'directory:shared'], target: 'hotpatch-codegen' },
    ]);
    expect(image?.dependsOn).toEqual(['hotpatch-third-party', 'hotpatch-workspace', 'hotpatch-codegen']);
    // Nx makes one batch of the tasks of one executor.
    expect((await targets('app'))['hotpatch-third-party']?.executor).toBe(codegen?.executor);
    expect((await targets('shared'))['hotpatch-codegen']?.dependsOn).toEqual([]);
  });

  it('come after those of the libraries that it needs, and for a library after nothing else', async () => {
    workspace();
    expect((await targets('own'))['hotpatch-codegen']?.dependsOn).toEqual([]);
  });

  it('have a program to be compiled in where nobody says which of several', async () => {
    workspace({
      'app/src/bin/two.rs': 'fn main() {}',
      'app/examples/a.rs': 'fn main() {}',
    });
    const app = await targets('app');
    expect(app['hotpatch-third-party']?.options).toMatchObject({ bin: 'app', program: 'app' });
    expect(app['hotpatch-third-party']?.configurations?.two).toMatchObject({ bin: 'two', program: 'two' });
    // Which one is to be linked and run is for the user to say.
    expect(app['hotpatch-image']?.options).not.toHaveProperty('bin');
  });

  it('do not build the examples of a library for a program that uses it', async () => {
    workspace({ 'shared/examples/tour.rs': 'fn main() {}' });
    const shared = await targets('shared');
    expect(shared['hotpatch-codegen']?.dependsOn).toEqual([]);
    expect(shared['hotpatch-image']?.dependsOn).toContain('hotpatch-third-party');
  });

  it('are those of a program for a shared library, but for patches without a process', async () => {
    workspace({
      'own/Cargo.toml': packageManifest('own', '[lib]\nname = "ours"\ncrate-type = ["cdylib", "rlib"]\n'),
    });
    const own = await targets('own');
    expect(Object.keys(own)).toEqual([
      'hotpatch-codegen',
      'hotpatch-units',
      'hotpatch-unit--00',
      'hotpatch-third-party',
      'hotpatch-workspace',
      'hotpatch-image',
      'hotpatch',
      'hotpatch-tell',
    ]);
    expect(own['hotpatch-image']?.options).toMatchObject({ package: 'own', program: 'ours' });
  });

  it('have outputs in the store below the target folder, each its own', async () => {
    workspace({ 'app/src/bin/admin.rs': 'fn main() {}' });
    const all = { ...(await targets('app')) };
    expect(
      Object.fromEntries(Object.entries(all).map(([name, { outputs }]) => [name, outputs])),
    ).toMatchObject({
      'hotpatch-codegen': ['{workspaceRoot}/target/hotpatch/store/{options.profile}/crates/app'],
      'hotpatch-unit--00': ['{workspaceRoot}/target/hotpatch/store/{options.profile}/indexes/app/00'],
      'hotpatch-third-party': [
        '{workspaceRoot}/target/hotpatch/store/{options.profile}/third-party/app/{options.program}',
      ],
      'hotpatch-image': [
        '{workspaceRoot}/target/hotpatch/store/{options.profile}/images/app/{options.program}',
      ],
    });
    expect(all['hotpatch-image']?.configurations).toEqual({
      admin: { bin: 'admin', program: 'admin' },
      app: { bin: 'app', program: 'app' },
      release: { profile: 'release' },
    });
  });

  it('do not wait for packages that only tests need, which may need the package itself', async () => {
    workspace({
      'shared/Cargo.toml': packageManifest('shared', '[dev-dependencies]\nown = { path = "../own" }\n'),
      'own/Cargo.toml': packageManifest('own', '[dependencies]\nshared = { path = "../shared" }\n'),
    });
    expect((await targets('shared'))['hotpatch-codegen']?.dependsOn).toEqual([]);
    expect((await targets('own'))['hotpatch-codegen']?.dependsOn).toContainEqual({
      projects: ['directory:shared'],
      target: 'hotpatch-codegen',
    });
  });

  it('are spread over more slots the more source files there are', async () => {
    const modules = Array.from({ length: 20 }, (_, at) => [`own/src/m${at}.rs`, '']);
    workspace(Object.fromEntries(modules));
    const slots = Object.keys(await targets('own')).filter((name) => name.startsWith('hotpatch-unit--'));
    expect(slots).toEqual(
      ['00', '01', '02', '03', '04', '05', '06', '07'].map((slot) => `hotpatch-unit--${slot}`),
    );
    expect(Object.keys(await targets('own', { unitSlots: 1 }))).toContain('hotpatch-unit--00');
  });

  it('can be renamed and left out', async () => {
    workspace();
    expect(Object.keys(await targets('shared', { codegenTargetName: 'hotpatch-compile' }))).toContain(
      'hotpatch-compile',
    );
    expect(Object.keys(await targets('app', { tasks: false }))).toEqual(['hotpatch', 'hotpatch-tell']);
    expect(await targets('shared', { tasks: false })).toEqual({});
    await expect(targets('app', { imageTargetName: 'hotpatch' })).rejects.toThrow(/both 'hotpatch'/);
    const all = Object.keys(await targets('app'));
    const leaves = ['hotpatch', 'hotpatch-base', 'hotpatch-patch', 'hotpatch-tell'];
    expect(all).toEqual(expect.arrayContaining(leaves));
    const rest = await targets('app', { hotpatchTargetName: false, patchTargetName: false });
    expect(Object.keys(rest)).toEqual(all.filter((name) => !leaves.includes(name)));
    // What others depend on cannot go alone.
    await expect(targets('app', { codegenTargetName: false as never })).rejects.toThrow(/`tasks: false`/);
    await expect(targets('app', { unitSlots: 3 })).rejects.toThrow(/power of two/);
  });

  it('are shown together, but for those that people run, and never one that is not there', async () => {
    workspace();
    const shown = async (options = {}) => {
      const { metadata, targets = {} } = (await scratch.projects(options)).app ?? {};
      const groups: Readonly<Record<string, readonly string[]>> = metadata?.targetGroups ?? {};
      const grouped = Object.values(groups).flat();
      return { grouped, alone: Object.keys(targets).filter((name) => !grouped.includes(name)) };
    };
    expect(await shown({ codegenTargetName: 'hotpatch-compile' })).toEqual({
      grouped: [
        'hotpatch-compile',
        'hotpatch-units',
        'hotpatch-unit--00',
        'hotpatch-third-party',
        'hotpatch-workspace',
        'hotpatch-base',
      ],
      alone: ['hotpatch-image', 'hotpatch-patch', 'hotpatch', 'hotpatch-tell'],
    });
    expect((await shown({ patchTargetName: false })).grouped).not.toContain('hotpatch-base');
    expect(await shown({ tasks: false })).toEqual({ grouped: [], alone: ['hotpatch', 'hotpatch-tell'] });
  });

  it('are absent where Nx could not cache them: no lock file, or a target folder outside of the workspace', async () => {
    scratch = new ScratchWorkspace(files);
    expect(Object.keys(await targets('app'))).toEqual(['hotpatch', 'hotpatch-tell']);
    lock();
    scratch.write({ '.cargo/config.toml': '[build]\ntarget-dir = "/nowhere/target"\n' });
    expect(Object.keys(await targets('app'))).toEqual(['hotpatch', 'hotpatch-tell']);
  });
});

describe('a package that no program contains', () => {
  it('has no tasks: a crate is compiled as a part of a program', async () => {
    workspace({ 'tool/Cargo.toml': packageManifest('tool'), 'app/Cargo.toml': packageManifest('app') });
    expect(await targets('shared')).toEqual({});
  });
});

describe('the key of a package', () => {
  it('changes with what any program that contains it asks of it, for no package beside it', async () => {
    workspace();
    const manifest = packageManifest(
      'tool',
      '[dependencies]\nshared = { path = "../shared", features = ["fast"] }\n',
    );
    expect(await changedBy({ 'tool/Cargo.toml': manifest })).toEqual(['shared', 'tool']);
  });

  it('changes with the profiles of the workspace', async () => {
    workspace();
    const root = `${files['Cargo.toml']}[profile.dev]\nopt-level = 1\n`;
    expect(await changedBy({ 'Cargo.toml': root })).toEqual(['app', 'own', 'shared', 'tool']);
  });

  it('stays with a change of a manifest that asks nothing new of others', async () => {
    workspace();
    expect(await changedBy({ 'own/Cargo.toml': packageManifest('own', 'description = "x"\n') })).toEqual([]);
  });
});

describe('the sources of a package', () => {
  it('are its files, and what they name elsewhere', async () => {
    workspace({
      'own/src/lib.rs': [
        'const A: &str = include_str!("../../texts/a.txt");',
        'const B: &str = include_str!("inside.txt");',
        'const C: Option<&str> = option_env!("OWN_COLOUR");',
        'const V: &str = env!("CARGO_PKG_VERSION");',
        'const D: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../texts/d.bin"));',
        '#[path = "../../shared/src/extra.rs"] mod extra;',
      ].join('\n'),
      'own/build.rs':
        'fn main() { println!("cargo:rerun-if-env-changed=OWN_SIZE"); println!("cargo:rerun-if-changed=../texts/b.txt"); }',
    });
    expect(await sources('own')).toEqual([
      '{projectRoot}/**/*',
      '!{projectRoot}/Cargo.lock',
      '{workspaceRoot}/shared/src/extra.rs',
      '{workspaceRoot}/texts/a.txt',
      '{workspaceRoot}/texts/b.txt',
      '{workspaceRoot}/texts/d.bin',
      { env: 'OWN_COLOUR' },
      { env: 'OWN_SIZE' },
      'hotpatchMore',
    ]);
  });

  it('have the place of the workspace among them when the code contains it', async () => {
    workspace({ 'own/src/lib.rs': 'pub const HERE: &str = env!("CARGO_MANIFEST_DIR");' });
    expect(await sources('own')).toContainEqual({ runtime: 'pwd' });
    expect(await sources('shared')).not.toContainEqual({ runtime: 'pwd' });
  });
});

describe('what is kept from graph to graph', () => {
  it('is found out again when it is damaged', async () => {
    const { root } = workspace({ 'own/src/lib.rs': 'const C: Option<&str> = option_env!("OWN_COLOUR");' });
    const whole = await scratch.projects();
    const folder = path.join(root, '.nx/workspace-data/nx-hotpatch');
    for (const name of readdirSync(folder)) {
      const file = path.join(folder, name);
      const text = readFileSync(file, 'utf8');
      for (const damaged of [text.replaceAll('own', 'one'), text.slice(0, text.length / 2), '{}', '']) {
        writeFileSync(file, damaged);
        expect(await scratch.projects()).toEqual(whole);
      }
    }
  });
});
