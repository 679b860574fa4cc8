import type { TargetConfiguration } from '@nx/devkit';
import { hotpatchTarget, isOnlyLibrary, manifestPath } from '../hotpatch-target';
import { programChoices } from '../programs';
import { workspaceFiles } from './inputs';
import type { TaskNames } from './names';
import { about, allUnits } from './package-targets';
import { configured, DEFAULT_PROFILE } from './profiles';
import { on, type Surroundings, type TaskPackage } from './task-package';

/** An output that nothing makes, so that it is in no hash. */
const NEVER_THERE = 'affected.json';

/** The tasks of a package with a program, `hotpatch` among them; none for another. */
export function programTargets(
  { pkg, targetDir, workspace }: TaskPackage,
  { exampleNeeds, compileInputs, thirdPartyInputs, profiles, store }: Surroundings,
  names: TaskNames,
): Record<string, TargetConfiguration> {
  const choices = programChoices(pkg);
  const run = hotpatchTarget(pkg, profiles, names.hotpatch);
  if (choices === undefined || run === undefined) return {};

  const programs = Object.fromEntries(
    Object.entries(choices.configurations).map(([name, program]) => [
      name,
      { ...program, program: program.example ?? program.bin },
    ]),
  );
  const options = {
    manifestPath: manifestPath(pkg),
    package: pkg.name,
    targetDir,
    profile: DEFAULT_PROFILE,
    ...choices.options,
    ...(choices.chosen === undefined ? {} : { program: choices.chosen }),
  };
  const all = Object.values(programs);
  const usual = choices.chosen === undefined ? (all.find(({ bin }) => bin !== undefined) ?? all[0]) : {};
  const chooses = { options, ...configured({ ...programs, ...profiles }) };
  const codegen = [names.codegen, ...on(exampleNeeds, names.codegen)];
  const units = [allUnits(names), ...on(exampleNeeds, allUnits(names))];
  const isLibrary = isOnlyLibrary(pkg);
  const patches: Record<string, TargetConfiguration> = {
    [names.base]: {
      executor: 'nx-hotpatch:base',
      // What was built or run here last is told by no input.
      cache: false,
      inputs: [...workspaceFiles(workspace)],
      outputs: [store('bases', pkg.name, '{options.program}')],
      ...chooses,
      metadata: about(`Find the build of ${pkg.name} from which a patch starts.`),
    },
    [names.patch]: {
      executor: 'nx-hotpatch:patch',
      cache: true,
      dependsOn: [{ target: names.base, params: 'forward' }],
      inputs: [...compileInputs, { dependentTasksOutputFiles: '**/bases/**/base.json' }],
      outputs: [store('patches', pkg.name, '{options.program}')],
      ...chooses,
      metadata: about(`Make the patch that brings a build of ${pkg.name} to the present sources.`),
    },
  };
  return {
    [names.thirdParty]: {
      // The executor of the packages: Nx makes one batch of all of them, whose hits it brings before it runs the others.
      executor: 'nx-hotpatch:codegen',
      cache: true,
      inputs: [...thirdPartyInputs],
      outputs: [store('third-party', pkg.name, '{options.program}')],
      ...chooses,
      // The crates of the package are compiled after it, for whichever of its programs: any will do.
      options: { ...options, ...usual, thirdParty: true, key: pkg.compile.key },
      metadata: about(`Build what ${pkg.name} needs from elsewhere.`),
    },
    // `nx affected` takes a task when a changed file is an input of it, or of a task whose outputs are inputs of it.
    [names.workspace]: {
      executor: 'nx:noop',
      inputs: [...workspaceFiles(workspace)],
      outputs: [`{workspaceRoot}/${targetDir}/hotpatch/${NEVER_THERE}`],
      metadata: about(`Stand for what ${pkg.name} is compiled by and that belongs to no project.`),
    },
    [names.image]: {
      executor: 'nx-hotpatch:image',
      cache: true,
      dependsOn: [names.thirdParty, names.workspace, ...codegen],
      inputs: [...compileInputs, { dependentTasksOutputFiles: `**/${NEVER_THERE}` }],
      outputs: [store('images', pkg.name, '{options.program}')],
      ...chooses,
      metadata: about(`Link ${pkg.name} so that it can be hot patched.`),
    },
    // Where thread-locals of a shared library are only a process knows that has loaded it.
    ...(isLibrary ? {} : patches),
    [names.hotpatch]: { ...run, dependsOn: [names.image, ...units] },
  };
}
