/** What Nx says about a workspace of several languages and several plugins. */
import { deepEqual, equal, match } from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { nx } from '../tasks/nx.mjs';
import { restore } from '../tasks/workspace.mjs';
import { edit } from './company.mjs';

/** What a change of a file affects. */
const AFFECTED = {
  'a shared library': {
    file: 'libs/checksum/src/lib.rs',
    projects: ['addon', 'api', 'checksum', 'extension', 'gateway', 'pricing', 'reports'],
  },
  'the contract': {
    file: 'contracts/openapi.json',
    projects: ['addon', 'api', 'contract', 'contracts', 'extension', 'gateway', 'pricing', 'reports', 'web'],
  },
  'the nested workspace': { file: 'tools/indexer/src/index.rs', projects: ['indexer'] },
  'the front end': { file: 'apps/web/src/main.ts', projects: ['web'] },
};

const EDGES = [
  'addon -> contract',
  'addon -> pricing',
  'api -> contract',
  'api -> pricing',
  'contract -> contracts',
  'extension -> contract',
  'extension -> pricing',
  'gateway -> addon',
  'pricing -> checksum',
  'pricing -> contract',
  'reports -> extension',
  'web -> contracts',
  'web -> pricing-web',
];

export const graph = ({ root }) => ({
  async 'every Cargo package is a project, beside those of other plugins'() {
    deepEqual(
      await list(root, 'show', 'projects', '--json'),
      [...AFFECTED['the contract'].projects, 'checksum', 'indexer', 'pricing-web'].sort(),
    );
  },

  async 'dependencies lead from the programs over the libraries to what code is generated from'() {
    const file = join(root, 'graph.json');
    await say(root, 'graph', `--file=${file}`);
    const { graph: found } = JSON.parse(await readFile(file, 'utf8'));
    await rm(file);
    const edges = Object.values(found.dependencies).flat();
    // Nodes of packages from elsewhere are called `npm:vite` and `cargo:tokio`.
    const ours = edges.filter(({ target }) => !target.includes(':'));
    deepEqual([...new Set(ours.map(({ source, target }) => `${source} -> ${target}`))].sort(), EDGES);
  },

  async 'a project of @monodon/rust keeps its target and has ours'() {
    const { targets } = JSON.parse(await say(root, 'show', 'project', 'checksum', '--json'));
    const executors = Object.entries(targets).map(([name, { executor }]) => `${name} ${executor}`);
    deepEqual(executors.sort(), [
      'hotpatch-codegen nx-hotpatch:codegen',
      'hotpatch-unit--00 nx-hotpatch:unit',
      'hotpatch-units nx:noop',
      'test @monodon/rust:test',
    ]);
  },

  async 'two packages of one name are told by Nx, with the remedy'() {
    await edit(root, 'packages/pricing/package.json', 'pricing-web', 'pricing');
    const { ok: done, output } = await nx(root, ['show', 'projects']);
    restore(root);
    equal(done, false);
    match(output, /- pricing: *\n *- libs\/pricing\n *- packages\/pricing/);
    match(output, /set a unique name for each project/);
  },

  async 'what a change affects is who contains it, in whatever language'() {
    for (const [what, { file, projects }] of Object.entries(AFFECTED))
      deepEqual(
        await list(root, 'show', 'projects', '--affected', `--files=${file}`, '--json'),
        projects,
        what,
      );
  },

  async 'the front end is built from what the generator made, and both are hits the second time'() {
    const tasks = ['contracts:generate', 'web:build'];
    const first = await nx(root, ['run', 'web:build']);
    deepEqual(first.ran, tasks, first.output);
    const second = await nx(root, ['run', 'web:build']);
    deepEqual(second.local, tasks, second.output);
  },
});

async function say(root, ...args) {
  const { ok: done, output } = await nx(root, args);
  if (!done) throw new Error(output);
  return output;
}

async function list(root, ...args) {
  return JSON.parse(await say(root, ...args)).sort();
}
