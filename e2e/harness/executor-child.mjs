/**
 * Runs the built executor as Nx would, without Nx: most cases are about the executor, and `nx` costs half a second.
 * Arguments: workspace folder, project name, project root (relative), options as JSON.
 */
import { createRequire } from 'node:module';
import { repository } from './workspace.mjs';

const [root, projectName, projectRoot, options] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const executor = require(`${repository}/dist/executors/hotpatch/executor.js`).default;
const target = { executor: 'nx-hotpatch:hotpatch', options: JSON.parse(options), continuous: true };
const project = { root: projectRoot, sourceRoot: `${projectRoot}/src`, targets: { hotpatch: target } };

const result = await executor(JSON.parse(options), {
  root,
  cwd: root,
  projectName,
  targetName: 'hotpatch',
  target,
  isVerbose: false,
  nxJsonConfiguration: {},
  projectsConfigurations: { version: 2, projects: { [projectName]: project } },
  projectGraph: {
    nodes: { [projectName]: { name: projectName, type: 'app', data: project } },
    dependencies: { [projectName]: [] },
  },
});
let last = result;
if (result && Symbol.asyncIterator in result) {
  for await (const step of result) last = step;
}
process.exit(last?.code ?? (last?.success ? 0 : 1));
