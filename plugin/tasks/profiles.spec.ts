import { execFileSync } from 'node:child_process';
import { packageManifest, ScratchWorkspace } from '../testing/scratch-workspace';

let scratch: ScratchWorkspace;
afterEach(() => scratch.remove());

function workspace(profiles: string, more: Readonly<Record<string, string>> = {}): void {
  scratch = new ScratchWorkspace({
    'Cargo.toml': `[workspace]\nmembers = ["app", "lib"]\nresolver = "2"\n${profiles}`,
    'app/Cargo.toml': packageManifest('app', '[dependencies]\nlib = { path = "../lib" }\n'),
    'app/src/main.rs': 'fn main() {}',
    'lib/Cargo.toml': packageManifest('lib'),
    'lib/src/lib.rs': '',
    ...more,
  });
  execFileSync('cargo', ['generate-lockfile', '--offline', '--quiet'], { cwd: scratch.root });
}

/** The configurations of each target of a package. */
async function configurations(folder: string): Promise<Record<string, unknown>> {
  const targets = (await scratch.projects())[folder]?.targets ?? {};
  return Object.fromEntries(Object.entries(targets).map(([name, target]) => [name, target.configurations]));
}

describe('a profile', () => {
  it('is a configuration of every task, so that Nx hands it on to all that a task depends on', async () => {
    workspace('');
    const release = { release: { profile: 'release' } };
    expect(await configurations('lib')).toEqual({
      'hotpatch-codegen': release,
      'hotpatch-units': { release: {} },
      'hotpatch-unit--00': release,
    });
    expect(await configurations('app')).toEqual({
      'hotpatch-codegen': release,
      'hotpatch-units': { release: {} },
      'hotpatch-unit--00': release,
      'hotpatch-third-party': release,
      'hotpatch-image': release,
      'hotpatch-base': release,
      'hotpatch-patch': release,
      'hotpatch-tell': release,
      hotpatch: release,
    });
  });

  it("of the workspace's own is one too, also one that cannot be patched: it is refused, not taken for dev", async () => {
    workspace('[profile.release]\nlto = "thin"\n[profile.plain]\ninherits = "dev"\n');
    expect((await configurations('lib'))['hotpatch-codegen']).toEqual({
      plain: { profile: 'plain' },
      release: { profile: 'release' },
    });
  });

  it('has another name in all packages where a program is called like it', async () => {
    workspace('', { 'app/src/bin/release.rs': 'fn main() {}' });
    expect((await configurations('lib'))['hotpatch-codegen']).toEqual({
      'profile-release': { profile: 'release' },
    });
    expect((await configurations('app')).hotpatch).toEqual({
      app: { bin: 'app' },
      release: { bin: 'release' },
      'profile-release': { profile: 'release' },
    });
  });
});
