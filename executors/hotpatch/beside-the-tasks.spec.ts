import { besideTheTasks } from './beside-the-tasks';

const projects = {
  app: {
    root: 'app',
    targets: {
      hotpatch: { executor: 'nx-hotpatch:hotpatch' },
      'hotpatch-image': {
        executor: 'nx-hotpatch:image',
        options: { profile: 'dev' },
        configurations: {
          admin: { bin: 'admin', features: ['extra'] },
          release: { profile: 'release' },
        },
      },
    },
  },
  addon: { root: 'addon', targets: { hotpatch: { executor: 'nx-hotpatch:hotpatch' } } },
};
const task = (target: string) => ({
  id: `app:${target}`,
  target: { project: 'app', target },
  outputs: [],
  overrides: {},
  parallelism: true,
  cache: true,
});
const said = (
  asked: object,
  configurationName?: string,
  projectName = 'app',
  ran = ['hotpatch-image', 'hotpatch'],
  env = {},
) =>
  besideTheTasks(
    { profile: 'dev', features: [], allFeatures: false, noDefaultFeatures: false, cargoArgs: [], ...asked },
    {
      projectName,
      targetName: 'hotpatch',
      ...(configurationName === undefined ? {} : { configurationName }),
      projectsConfigurations: { version: 2, projects },
      taskGraph: {
        roots: [],
        tasks: Object.fromEntries(ran.map((target) => [`app:${target}`, task(target)])),
        dependencies: {},
        continuousDependencies: {},
      },
    },
    env,
  );

describe('a session whose build is not that of the tasks before it', () => {
  it('names the configuration of the profile', () => {
    expect(said({ profile: 'release' })).toBe(
      'the tasks have built dev, for nothing: `nx run app:hotpatch:release` takes release from the cache',
    );
  });

  it('says so too when they knew', () => {
    const env = { NX_HOTPATCH_OTHER_PROFILE: 'release' };
    expect(said({ profile: 'release' }, undefined, 'app', ['hotpatch-image'], env)).toBe(
      'the tasks make dev, and did nothing: `nx run app:hotpatch:release` takes release from the cache',
    );
  });

  it('says how to leave the tasks out where no configuration fits', () => {
    expect(said({ profile: 'own' })).toMatch(/`nx run app:hotpatch --excludeTaskDependencies`/);
    expect(said({ features: ['x'] })).toMatch(/--excludeTaskDependencies/);
    expect(said({ profile: 'release', cargoArgs: ['-Zx'] })).toMatch(/--excludeTaskDependencies/);
  });

  it('has nothing to say when it is, or when there are no tasks', () => {
    expect(said({})).toBeUndefined();
    expect(said({ features: ['extra'] }, 'admin')).toBeUndefined();
    expect(said({ profile: 'release' }, 'release')).toBeUndefined();
    expect(said({ profile: 'release' }, undefined, 'addon')).toBeUndefined();
    expect(said({ profile: 'release' }, undefined, 'app', ['hotpatch'])).toBeUndefined();
  });
});
