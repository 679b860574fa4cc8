import type { ExecutorContext } from '@nx/devkit';
import type { ProgramTaskOptions } from './options';

/** How to say for which of a package's programs a task is, when nobody did. */
export function whichProgram(
  { package: pkg }: Pick<ProgramTaskOptions, 'package'>,
  { projectName, targetName, target }: Pick<ExecutorContext, 'projectName' | 'targetName' | 'target'>,
): string {
  const names = Object.entries(target?.configurations ?? {}).flatMap(([name, options]) =>
    (options as Partial<ProgramTaskOptions>).program === undefined ? [] : [name],
  );
  const commands = names.map((name) => `\`nx run ${projectName}:${targetName}:${name}\``);
  return `${pkg} has several programs, and this is done for one of them: ${commands.join(' or ')}.`;
}
