import type { ProjectGraph } from '@nx/devkit';
import type { CodegenOptions } from './batch';
import type { ThirdPartyOptions } from './third-party';

/**
 * Over how many folders the units of each package are spread: what the graph says of the unit tasks that read them.
 *
 * @param targetDir relative to the Nx workspace: packages of several Cargo workspaces may share a name
 */
export function slotsOf(graph: Pick<ProjectGraph, 'nodes'>, targetDir: string): (pkg: string) => number {
  const slots = new Map<string, number>();
  for (const { data } of Object.values(graph.nodes)) {
    for (const { executor, options } of Object.values(data.targets ?? {})) {
      if (executor !== 'nx-hotpatch:codegen') continue;
      const given = options as CodegenOptions | ThirdPartyOptions;
      if (!given.thirdParty && given.targetDir === targetDir) slots.set(given.package, given.slots);
    }
  }
  return (pkg) => slots.get(pkg) ?? 1;
}
