import type { TargetConfiguration } from '@nx/devkit';
import { manifestPath } from '../hotpatch-target';
import { OTHER_PROFILE } from '../other-profile';
import type { TaskNames } from './names';
import { configured, DEFAULT_PROFILE } from './profiles';
import { slotNames } from './slots';
import { on, type Surroundings, type TaskPackage } from './task-package';
import { ownVersion } from './version';

/** The tasks of every package: its crates as codegen units, and the index of each slot of units. */
export function packageTargets(
  { pkg, targetDir, slots }: TaskPackage,
  { needs, compileInputs, profiles, store }: Surroundings,
  names: TaskNames,
): Record<string, TargetConfiguration> {
  const common = {
    manifestPath: manifestPath(pkg),
    package: pkg.name,
    targetDir,
    profile: DEFAULT_PROFILE,
  };
  // A library's examples are such programs too: who asks for a program that uses the library did not ask for them.
  const isProgram = pkg.bins.length > 0 || pkg.compile.onlyProgram === pkg.folder;
  const targets: Record<string, TargetConfiguration> = {
    [names.codegen]: {
      executor: 'nx-hotpatch:codegen',
      cache: true,
      // All libraries make one batch then, with what programs need from elsewhere, and Nx brings its hits before it runs the
      // others: these are compiled as a part of a program, and what is a hit must be there.
      dependsOn: [...(isProgram ? [names.thirdParty] : []), ...on(needs, names.codegen)],
      inputs: [...compileInputs],
      outputs: [store('crates', pkg.name)],
      // Nx hashes a project's configuration as a whole, so this concerns all tasks of the package.
      options: { ...common, slots, key: pkg.compile.key, version: ownVersion() },
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
      inputs: [
        { dependentTasksOutputFiles: `**/units/${slot}/digests.json` },
        { env: OTHER_PROFILE },
        { externalDependencies: [] },
      ],
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
