import { types } from 'node:util';
import type { PreTasksExecution, ProjectGraph } from '@nx/devkit';
import { askedProfile, type NamedTask, namedTask } from './command-line';
import type { HotpatchPluginOptions } from './options';
import { makesOtherProfile, OTHER_PROFILE } from './other-profile';

/**
 * Fails a command that names a configuration which its target does not have. Nx would run the target without one, and a
 * session of the `dev` profile would look like the one that was asked for. Configurations of the tasks before it are Nx's to
 * choose: one that does not have it runs without.
 *
 * Tells the tasks when the session has no use for them. Nx chooses tasks before anybody reads options, and what a task ends
 * with it caches: so the run goes without the cache.
 */
export const preTasksExecution: PreTasksExecution<HotpatchPluginOptions> = async (_options, { argv }) => {
  const named = namedTask(argv);
  const profile = askedProfile(argv);
  if (named === undefined || (named.configuration ?? profile) === undefined) return;
  const graph = await cachedGraph();
  if (graph === undefined) return;
  const refusal = unknownConfiguration(named, graph);
  if (refusal !== undefined) throw new Error(refusal);
  if (profile !== undefined && makesOtherProfile(named, profile, graph))
    setForRun({ [OTHER_PROFILE]: profile, NX_SKIP_NX_CACHE: 'true' });
};

/** Nx hands on what a hook sets. In a process that serves later runs too, behind a proxy, it must not stay. */
function setForRun(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) {
    const before = process.env[name];
    process.env[name] = value;
    if (types.isProxy(process.env) && before === undefined) delete process.env[name];
  }
}

export function unknownConfiguration(
  { project, target, configuration }: NamedTask,
  { nodes }: Pick<ProjectGraph, 'nodes'>,
): string | undefined {
  const found = nodes[project]?.data.targets?.[target];
  if (found === undefined || configuration === undefined) return undefined;
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
