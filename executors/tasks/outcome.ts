import { type ExecutorContext, output } from '@nx/devkit';
import { sentence } from './batch-results';
import { BuildFailure } from './build-failure';

/** What an executor gives Nx when its work ends; an error is shown in the form of Nx's own, below what cargo said. */
export async function outcome(
  { projectName, targetName }: Pick<ExecutorContext, 'projectName' | 'targetName'>,
  work: () => Promise<boolean>,
): Promise<{ readonly success: boolean }> {
  try {
    return { success: await work() };
  } catch (error) {
    if (error instanceof BuildFailure) process.stderr.write(error.words);
    output.error({ title: `${projectName}:${targetName} failed.`, bodyLines: [sentence(error)] });
    return { success: false };
  }
}
