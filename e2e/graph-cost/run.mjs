/**
 * `npm run bench:graph`: what the plugin costs Nx, for a hundred crates.
 *
 *   graph  processor time of the plugin's own work when the graph is created: with nothing cached, in a new process with
 *          cargo's answers cached, and once more in the same process; and how often cargo runs
 *   save   processor time of Nx's daemon and its plugin processes on a save of a `.rs` file: without the plugin, with
 *          it, with hooks of the graph alone, and without isolation
 *
 * Arguments: `--rounds=5` `--only=graph,save`. Results: e2e/benchmarks/graph.md and graph.json.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { machine } from '../bench/machine.mjs';
import { summary } from '../bench/statistics.mjs';
import { environment } from '../harness/task.mjs';
import { repository } from '../harness/workspace.mjs';
import { groupFolder, makeCrates, savedFile } from './crates.mjs';
import { measureSaves } from './saves.mjs';
import { markdown } from './table.mjs';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, only: { type: 'string', default: 'graph,save' } },
});
const rounds = Number(values.rounds);
const chosen = values.only.split(',');
const folder = await mkdtemp(join(tmpdir(), 'nxhp-graph-'));
const calls = join(folder, 'cargo-calls');
const env = environment(folder, { PATH: `${join(folder, 'bin')}:${process.env.PATH}` });

/** A `cargo` that counts how often it runs. */
async function countCargo() {
  const cargo = execFileSync('sh', ['-c', 'command -v cargo'], { encoding: 'utf8' }).trim();
  await mkdir(join(folder, 'bin'));
  const script = join(folder, 'bin/cargo');
  await writeFile(script, `#!/bin/sh\necho "$@" >> '${calls}'\nexec '${cargo}' "$@"\n`);
  await chmod(script, 0o755);
}

/** How often cargo ran since this was asked last. */
async function cargoRuns() {
  const lines = await readFile(calls, 'utf8').catch(() => '');
  await rm(calls, { force: true });
  return lines.split('\n').length - 1;
}

async function measureGraph(groups, tasks) {
  const workspace = join(folder, `graph-${groups}-${tasks}`);
  await makeCrates(workspace, groups, ['nx-hotpatch']);
  const manifests = execFileSync('find', ['.', '-name', 'Cargo.toml', '-not', '-path', './node_modules/*'], {
    cwd: workspace,
    encoding: 'utf8',
  });
  // Without a lock file there are no tasks.
  for (let group = 0; group < groups; group++) {
    const manifest = join(workspace, groupFolder(groups, group), 'Cargo.toml');
    execFileSync('cargo', ['generate-lockfile', '--offline', '--quiet', '--manifest-path', manifest], {
      env,
    });
  }
  const input = JSON.stringify(
    manifests
      .trim()
      .split('\n')
      .map((file) => file.slice(2)),
  );
  const hooks = (times) => {
    const script = fileURLToPath(new URL('./hooks.cjs', import.meta.url));
    const child = spawnSync(process.execPath, [script, workspace, String(times), JSON.stringify({ tasks })], {
      env,
      input,
      encoding: 'utf8',
    });
    if (child.status !== 0) throw new Error(child.stderr);
    return JSON.parse(child.stdout);
  };
  await cargoRuns();
  const first = hooks(1);
  const cargoCold = await cargoRuns();
  const total = ({ nodes, dependencies }) => nodes + dependencies;
  const processes = Array.from({ length: rounds }, () => hooks(2));
  return {
    groups,
    tasks,
    cold: first.load + total(first.runs[0]),
    warm: summary(processes.map(({ load, runs }) => load + total(runs[0]))),
    load: summary(processes.map(({ load }) => load)),
    again: summary(processes.map(({ runs }) => total(runs[1]))),
    cargoRuns: { cold: cargoCold, warm: await cargoRuns() },
  };
}

/** By name: the plugins of nx.json, and the environment of the daemon. */
const set = {
  'without the plugin': { plugins: [] },
  'with the plugin': { plugins: ['nx-hotpatch'] },
  'with its hooks of the graph alone': { plugins: ['./graph-only.cjs'] },
  'with the plugin, NX_ISOLATE_PLUGINS=false': { plugins: ['nx-hotpatch'], isolate: 'false' },
};

async function measureSave(name, { plugins, isolate }, at) {
  const workspace = join(folder, `save-${at}`);
  await makeCrates(workspace, 1, plugins);
  const more = isolate === undefined ? {} : { NX_ISOLATE_PLUGINS: isolate };
  await cargoRuns();
  const { saves, kept } = await measureSaves(workspace, savedFile(1), rounds, { ...env, ...more });
  return { name, cpu: summary(saves), kept, cargoRuns: await cargoRuns() };
}

try {
  await countCargo();
  const nx = JSON.parse(await readFile(join(repository, 'node_modules/nx/package.json'), 'utf8')).version;
  const results = { machine: await machine(), nx, rounds, graph: [], saves: [] };
  if (chosen.includes('graph'))
    for (const tasks of [false, true])
      for (const groups of [1, 5]) results.graph.push(await measureGraph(groups, tasks));
  if (chosen.includes('save'))
    for (const [at, [name, how]] of Object.entries(set).entries()) {
      results.saves.push(await measureSave(name, how, at));
    }
  const table = markdown(results);
  const out = join(repository, 'e2e/benchmarks');
  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'graph.md'), table);
  await writeFile(join(out, 'graph.json'), `${JSON.stringify(results, null, 2)}\n`);
  console.log(table);
} finally {
  await rm(folder, { recursive: true, force: true });
}
