import type { ProjectGraph, TargetConfiguration } from '@nx/devkit';
import type { NamedTask } from './command-line';

/**
 * The profile of a session whose options ask for another one than the tasks before it make: they are of no use to it, and end
 * at once. It is an input of each of them, so that what they did not do is never taken for what they do.
 */
export const OTHER_PROFILE = 'NX_HOTPATCH_OTHER_PROFILE';

/**
 * Whether tasks before a session make another profile than its options ask for, and all of them are ours: nothing of the run
 * is taken from the cache then.
 */
export function makesOtherProfile(
  { project, target, configuration }: NamedTask,
  asked: string,
  { nodes }: Pick<ProjectGraph, 'nodes'>,
): boolean {
  const { [target]: session, ...others } = nodes[project]?.data.targets ?? {};
  const image = Object.values(others).find(({ executor }) => executor === 'nx-hotpatch:image');
  if (session?.continuous !== true || session.executor !== 'nx-hotpatch:hotpatch' || image === undefined)
    return false;
  const { profile } = {
    ...image.options,
    ...(configuration === undefined ? {} : image.configurations?.[configuration]),
  };
  const all = Object.values(nodes).flatMap(({ data }) => Object.entries(data.targets ?? {}));
  return profile !== asked && all.every(([name, each]) => !isOurs(name) || needsOursAlone(each));
}

function needsOursAlone({ dependsOn = [] }: TargetConfiguration): boolean {
  return dependsOn.every((needed) => isOurs(typeof needed === 'string' ? needed : needed.target));
}

function isOurs(name: string): boolean {
  return /^\^?hotpatch/.test(name);
}
