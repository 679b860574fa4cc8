import type { PostTasksExecution } from '@nx/devkit';
import type { HotpatchPluginOptions } from './options';

/**
 * Nothing is to be done after tasks; that this hook exists keeps the plugin's worker.
 *
 * Nx's daemon builds the graph anew on every save of any file, each plugin in a process of its own, and ends that
 * process when the last hook that the plugin registers has run. With hooks of the graph alone, every save of a `.rs`
 * file would start a process while rustc wants the cores; with a hook of a later phase the process stays until some
 * command has run its tasks. `npm run bench:graph` measures the difference.
 */
export const postTasksExecution: PostTasksExecution<HotpatchPluginOptions> = () => {};
