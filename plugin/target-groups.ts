import type { ProjectConfiguration, TargetConfiguration } from '@nx/devkit';
import type { TaskNames } from './tasks/names';

const CACHED = 'Hot patching (cached tasks)';

/**
 * The part of a project's metadata by which Nx Console and Nx's graph put what is made for other tasks together: a package
 * of a thousand files has 256 unit tasks, and their lists should show what people run. Every name must be that of a target.
 */
export function targetGroups(
  targets: Readonly<Record<string, TargetConfiguration>>,
  { hotpatch, tell, image, patch }: TaskNames,
): NonNullable<ProjectConfiguration['metadata']> {
  const run = [hotpatch, tell, image, patch];
  const others = Object.keys(targets).filter((name) => !run.includes(name));
  return others.length === 0 ? {} : { targetGroups: { [CACHED]: others } };
}
