import type { ExecutorContext } from '@nx/devkit';
import type { TaskEnd } from './batch-results';

/** An executor's work for any number of tasks; `options` by the tasks' ids. */
export type Batch<Options> = (
  options: Readonly<Record<string, Options>>,
  context: ExecutorContext,
) => AsyncGenerator<TaskEnd>;

/** Runs one task by the implementation for many: with `--batch=false`, and where Nx finds nothing to batch. */
export async function runAlone<Options>(
  batch: Batch<Options>,
  options: Options,
  context: ExecutorContext,
): Promise<{ readonly success: boolean }> {
  const id = `${context.projectName}:${context.targetName}`;
  let success = true;
  for await (const { result } of batch({ [id]: options }, context)) {
    process.stdout.write(result.terminalOutput);
    success &&= result.success;
  }
  return { success };
}
