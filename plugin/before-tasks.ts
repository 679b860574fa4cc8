import type { PreTasksExecution, ProjectGraph } from '@nx/devkit';
import { type NamedTask, namedTask } from './command-line';
import type { HotpatchPluginOptions } from './options';

/**
 * Fails a command that names a configuration which its target does not have. Nx would run the target without one, and a
 * session of the `dev` profile would look like the one that was asked for. Configurations of the tasks before it are Nx's to
 * choose: one that does not have it runs without.
 */
export const preTasksExecution: PreTasksExecution<HotpatchPluginOptions> = async (_options, { argv }) => {
  const named = namedTask(argv);
  if (named === undefined) return;
  const refusal = unknownConfiguration(named, await cachedGraph());
  if (refusal !== undefined) throw new Error(refusal);
};

/** @param graph undefined when it is not known */
export function unknownConfiguration(
  { project, target, configuration }: NamedTask,
  graph: Pick<ProjectGraph, 'nodes'> | undefined,
): string | undefined {
  const found = graph?.nodes[project]?.data.targets?.[target];
  if (found === undefined) return undefined;
  const names = Object.keys(found.configurations ?? {});
  if (names.includes(configuration)) return undefined;
  const command = `nx run ${project}:${target}`;
  const choice =
    names.length === 0
      ? `it has none: \`${command}\` runs it`
      : `it has ${names.join(', ')}, and \`${command}\` runs it without one`;
  return `${project}:${target} has no configuration \`${configuration}\`; ${choice}.`;
}

/** The graph by which Nx runs the command. */
async function cachedGraph(): Promise<ProjectGraph | undefined> {
  try {
    const { readCachedProjectGraph } = await import('@nx/devkit');
    return readCachedProjectGraph();
  } catch {
    // Nx says why.
    return undefined;
  }
}
