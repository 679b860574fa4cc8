import { OTHER_PROFILE as variable } from '../executors/tasks/other-profile';
import { makesOtherProfile, OTHER_PROFILE } from './other-profile';

const graph = (dependsOn: (string | object)[] = ['hotpatch-image']) => ({
  nodes: {
    app: {
      name: 'app',
      type: 'app' as const,
      data: {
        root: 'app',
        targets: {
          build: { executor: 'x:y', dependsOn: ['^build'] },
          hotpatch: { executor: 'nx-hotpatch:hotpatch', continuous: true, dependsOn: dependsOn as string[] },
          'hotpatch-tell': { executor: 'nx-hotpatch:hotpatch' },
          'hotpatch-image': {
            executor: 'nx-hotpatch:image',
            options: { profile: 'dev' },
            configurations: { admin: { bin: 'admin' }, release: { profile: 'release' } },
          },
        },
      },
    },
  },
});
const makes = (asked: string, configuration?: string, target = 'hotpatch', of = graph()) =>
  makesOtherProfile(
    { project: 'app', target, ...(configuration === undefined ? {} : { configuration }) },
    asked,
    of,
  );

describe('tasks before a session', () => {
  it('are of no use when its options ask for another profile', () => {
    expect(makes('release')).toBe(true);
    expect(makes('release', 'admin')).toBe(true);
    expect(makes('dev', 'release')).toBe(true);
  });

  it('are of use when they make that profile, or the target is no session', () => {
    expect(makes('dev')).toBe(false);
    expect(makes('release', 'release')).toBe(false);
    expect(makes('release', undefined, 'hotpatch-tell')).toBe(false);
    expect(makes('release', undefined, 'hotpatch-image')).toBe(false);
  });

  it('go on when others are among them, for which the cache is wanted', () => {
    expect(makes('release', undefined, 'hotpatch', graph(['^generate', 'hotpatch-image']))).toBe(false);
    expect(makes('release', undefined, 'hotpatch', graph([{ target: 'build', projects: ['web'] }]))).toBe(
      false,
    );
  });
});

it('hears of it by the variable that is an input of each', () => {
  expect(variable).toBe(OTHER_PROFILE);
});
