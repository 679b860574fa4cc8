import type { ExecutorContext, TaskGraph, TaskGraphExecutor } from '@nx/devkit';
import type { Batch } from './alone';

/** A batch as Nx calls it. */
export function batchExecutor<Options>(batch: Batch<Options>): TaskGraphExecutor<Options> {
  return async (
    _tasks: TaskGraph,
    options: Record<string, Options>,
    _overrides: Options,
    context: ExecutorContext,
  ) => batch(options, context);
}
