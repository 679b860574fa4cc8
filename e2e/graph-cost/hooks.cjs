/**
 * A process as Nx makes one for a plugin: loads the plugin, runs its hooks as often as asked, and prints processor
 * milliseconds of each as JSON, with these options of the plugin. `node hooks.cjs <workspace> <times> <options>`; the manifests come on standard input.
 */
const { readFileSync } = require('node:fs');
const path = require('node:path');

const [, , workspace, times, json] = process.argv;
const options = JSON.parse(json);
const files = JSON.parse(readFileSync(0, 'utf8'));
process.chdir(workspace);
// What the process has loaded before it gets to know the plugin.
const nx = path.join(workspace, 'node_modules/nx/dist/src');
for (const part of [
  'project-graph/plugins/load-resolved-plugin',
  'daemon/message-types/daemon-message',
  'analytics',
])
  require(path.join(nx, part));

async function cpu(work) {
  const { user, system } = process.cpuUsage();
  const result = await work();
  const after = process.cpuUsage({ user, system });
  return { result, ms: (after.user + after.system) / 1000 };
}

async function main() {
  const loaded = await cpu(() =>
    require(path.join(workspace, 'node_modules/nx-hotpatch/dist/plugin/index.js')),
  );
  const { createNodes, createDependencies } = loaded.result;
  const runs = [];
  for (let run = 0; run < Number(times); run++) {
    const context = { nxJsonConfiguration: {}, workspaceRoot: workspace };
    const nodes = await cpu(() => createNodes[1](files, options, context));
    const projects = Object.fromEntries(
      nodes.result
        .flatMap(([, { projects }]) => Object.values(projects))
        .map((project) => [project.name, project]),
    );
    const fileMap = { projectFileMap: {}, nonProjectFiles: files.map((file) => ({ file, hash: '' })) };
    const more = { externalNodes: {}, projects, fileMap, filesToProcess: fileMap };
    const dependencies = await cpu(() => createDependencies(options, { ...context, ...more }));
    runs.push({ nodes: nodes.ms, dependencies: dependencies.ms });
    if (Object.keys(projects).length < 100 || dependencies.result.length < 90)
      throw new Error('The graph is not whole.');
  }
  console.log(JSON.stringify({ load: loaded.ms, runs }));
}
main();
