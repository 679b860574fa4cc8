import { type ExecutorContext, output } from '@nx/devkit';
import { sentence } from './batch-results';

/** What an executor gives Nx when its work ends; an error is shown in the form of Nx's own. */
export async function outcome(
  { projectName, targetName }: Pick<ExecutorContext, 'projectName' | 'targetName'>,
  work: () => Promise<boolean>,
): Promise<{ readonly success: boolean }> {
  try {
    return { success: await work() };
  } catch (error) {
    output.error({ title: `${projectName}:${targetName} failed.`, bodyLines: [sentence(error)] });
    return { success: false };
  }
}
