import type { ExecutorContext } from '@nx/devkit';
import { nothingToDo, OTHER_PROFILE } from './other-profile';

const executors = { hotpatch: 'nx-hotpatch:hotpatch', 'hotpatch-image': 'nx-hotpatch:image' };
const targets = Object.fromEntries(Object.entries(executors).map(([name, executor]) => [name, { executor }]));
const run = (...tasks: readonly (keyof typeof executors)[]) =>
  ({
    projectGraph: { nodes: { app: { data: { root: 'app', targets } } } },
    taskGraph: {
      tasks: Object.fromEntries(
        tasks.map((target, at) => [`${target} ${at}`, { target: { project: 'app', target } }]),
      ),
    },
  }) as unknown as ExecutorContext;

describe('a task before a session', () => {
  it('does nothing when the session is of another profile', () => {
    expect(nothingToDo(run('hotpatch-image', 'hotpatch'), { [OTHER_PROFILE]: 'release' })).toMatch(
      /nothing is done: .* release profile/,
    );
  });

  it('works in all other runs, and when there is another session that may want it', () => {
    expect(nothingToDo(run('hotpatch-image', 'hotpatch'), {})).toBeUndefined();
    expect(nothingToDo(run('hotpatch-image'), { [OTHER_PROFILE]: 'release' })).toBeUndefined();
    expect(
      nothingToDo(run('hotpatch-image', 'hotpatch', 'hotpatch'), { [OTHER_PROFILE]: 'release' }),
    ).toBeUndefined();
  });
});
