import type { TargetConfiguration } from '@nx/devkit';
import { manifestPath } from '../hotpatch-target';
import { projectAt } from './inputs';
import type { TaskNames } from './names';
import { configured, DEFAULT_PROFILE } from './profiles';
import { slotNames } from './slots';
import { on, type Surroundings, type TaskPackage } from './task-package';

/** The tasks of every package: its crates as codegen units, and the index of each slot of units. */
export function packageTargets(
  { pkg, workspace, slots }: TaskPackage,
  { needs, compileInputs, profiles, store }: Surroundings,
  names: TaskNames,
): Record<string, TargetConfiguration> {
  const common = {
    manifestPath: manifestPath(pkg),
    package: pkg.name,
    targetDir: workspace.targetDir,
    profile: DEFAULT_PROFILE,
  };
  // It is compiled as a part of that program. Of several nobody knows yet for which, and none must be built for nothing.
  const thirdParty = pkg.compile.onlyProgram === undefined ? [] : [projectAt(pkg.compile.onlyProgram)];
  // A library's examples are such programs too: who asks for a program that uses the library did not ask for them.
  const isProgram = pkg.bins.length > 0 || pkg.compile.onlyProgram === pkg.folder;
  const targets: Record<string, TargetConfiguration> = {
    [names.codegen]: {
      executor: 'nx-hotpatch:codegen',
      cache: true,
      dependsOn: [
        ...(isProgram ? [names.thirdParty] : on(thirdParty, names.thirdParty)),
        ...on(needs, names.codegen),
      ],
      inputs: [...compileInputs],
      outputs: [store('crates', pkg.name)],
      options: { ...common, slots, key: pkg.compile.key },
      ...configured(profiles),
      metadata: about(`Compile the crates of ${pkg.name} into codegen units.`),
    },
    [allUnits(names)]: {
      executor: 'nx:noop',
      dependsOn: [`${names.unit}--*`, ...on(needs, allUnits(names))],
      // They say nothing here, but Nx takes a configuration only from a target that has it.
      ...configured(Object.fromEntries(Object.keys(profiles).map((name) => [name, {}]))),
      metadata: about(`Index the codegen units of ${pkg.name} and of what it needs.`),
    },
  };
  for (const slot of slotNames(slots)) {
    targets[`${names.unit}--${slot}`] = {
      executor: 'nx-hotpatch:unit',
      cache: true,
      dependsOn: [names.codegen],
      // The objects themselves differ by debug information, which depends on the way that a compile took.
      inputs: [{ dependentTasksOutputFiles: `**/units/${slot}/digests.json` }, { externalDependencies: [] }],
      outputs: [store('indexes', pkg.name, slot)],
      options: { ...common, slot },
      ...configured(profiles),
    };
  }
  return targets;
}

/** The target that stands for the unit tasks of a package and of all that it needs. */
export function allUnits({ unit }: TaskNames): string {
  return `${unit}s`;
}

export function about(description: string): NonNullable<TargetConfiguration['metadata']> {
  return { description, technologies: ['rust'] };
}
