import type { ExecutorContext } from '@nx/devkit';

/** Set by the plugin for a run whose only session asks for another profile than the tasks make; its value. */
export const OTHER_PROFILE = 'NX_HOTPATCH_OTHER_PROFILE';

type Context = Pick<ExecutorContext, 'taskGraph' | 'projectGraph'>;

/** What a task says in place of working, when its run has no use for it; undefined when it is to work. */
export function nothingToDo(
  { taskGraph, projectGraph }: Context,
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const profile = env[OTHER_PROFILE];
  if (!profile) return undefined;
  const users = Object.values(taskGraph?.tasks ?? {}).filter(({ target }) => {
    const found = projectGraph.nodes[target.project]?.data.targets?.[target.target];
    return found?.executor === 'nx-hotpatch:hotpatch' || found?.executor === 'nx-hotpatch:patch';
  });
  return users.length === 1 ? `· nothing is done: the session is one of the ${profile} profile\n` : undefined;
}
