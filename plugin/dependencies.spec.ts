import { packageManifest, ScratchWorkspace } from './testing/scratch-workspace';

let scratch: ScratchWorkspace;
afterEach(() => scratch.remove());

describe('dependencies between projects', () => {
  it('are the path dependencies of every kind, each pair once', async () => {
    scratch = new ScratchWorkspace({
      'Cargo.toml':
        '[workspace]\nmembers = ["app", "libs/*"]\n[workspace.dependencies]\nshared = { path = "libs/shared" }\n',
      'app/Cargo.toml': packageManifest(
        'app',
        [
          '[dependencies]\nrenamed = { package = "normal", path = "../libs/normal" }\nshared.workspace = true',
          '[dev-dependencies]\nnormal = { path = "../libs/normal" }\napp = { path = "." }\ndev = { path = "../libs/dev/" }',
          '[build-dependencies]\ngen = { path = "../libs/gen" }\nserde = "1"',
          '[target."cfg(unix)".dependencies]\nunixy = { path = "../libs/unixy" }\n',
        ].join('\n'),
      ),
      'app/src/main.rs': 'fn main() {}',
      ...Object.fromEntries(
        ['normal', 'shared', 'dev', 'gen', 'unixy'].flatMap((name) => [
          [`libs/${name}/Cargo.toml`, packageManifest(name)],
          [`libs/${name}/src/lib.rs`, ''],
        ]),
      ),
    });
    const expected = ['app -> dev', 'app -> gen', 'app -> normal', 'app -> shared', 'app -> unixy'];
    expect(await scratch.edges()).toEqual(expected);
  });

  it('cross the borders of Cargo workspaces, and end at what is no project', async () => {
    scratch = new ScratchWorkspace({
      'a/Cargo.toml': packageManifest(
        'a',
        '[dependencies]\nb = { path = "../b" }\nout = { path = "../out" }\n',
      ),
      'a/src/lib.rs': '',
      'b/Cargo.toml': packageManifest('b'),
      'b/src/lib.rs': '',
      'out/Cargo.toml': packageManifest('out'),
      'out/src/lib.rs': '',
    });
    expect(await scratch.edges({ exclude: ['out'] })).toEqual(['a -> b']);
  });
});
