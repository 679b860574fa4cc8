import { createNodes } from './nodes';

/** The name that Nx shows for this plugin. */
export const name = 'nx-hotpatch';

export { preTasksExecution } from './before-tasks';
export { createDependencies } from './dependencies';
export type { HotpatchPluginOptions } from './options';
export { postTasksExecution } from './worker';
export { createNodes };
/** What Nx before 23 looks for. */
export const createNodesV2 = createNodes;
