/** What a save of a `.rs` file costs Nx's daemon: its processor time and that of the plugins' processes. */
import { execFile } from 'node:child_process';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { childrenOf, cpuOf } from './processes.mjs';

/** Long enough for a graph on a busy machine. Time passes here because work of an unknown kind is to be seen. */
const windowMs = Number(process.env.GRAPH_COST_WINDOW_MS ?? 5000);

/**
 * @param {string} workspace
 * @param {string} file    to append to, relative to the workspace
 * @param {number} rounds
 * @param {Record<string, string>} env
 * @returns processor milliseconds of each save, without what the idle daemon takes; of the plugin's process, if it is the
 *   same all the time, its memory and its part of a save
 */
export async function measureSaves(workspace, file, rounds, env) {
  const nx = (...args) =>
    promisify(execFile)(process.execPath, ['node_modules/nx/dist/bin/nx.js', ...args], {
      cwd: workspace,
      env: { ...env, NX_DAEMON: 'true' },
      maxBuffer: 64 << 20,
    });
  await nx('show', 'projects');
  try {
    const daemon = JSON.parse(
      await readFile(join(workspace, '.nx/workspace-data/d/server-process.json'), 'utf8'),
    ).processId;
    const during = async (action) => {
      const before = cpuOf(daemon);
      await action();
      await sleep(windowMs);
      return cpuOf(daemon) - before;
    };
    await during(() => {}); // What the start set going.
    const idle = [await during(() => {}), await during(() => {})].sort((a, b) => a - b)[0];
    const ours = () => childrenOf(daemon).filter(({ words }) => words.includes('nx-hotpatch'));
    const start = ours()[0];
    const saves = [];
    for (let round = 0; round < rounds; round++) {
      const cost = await during(() => appendFile(join(workspace, file), `// ${round}\n`));
      saves.push(Math.max(0, cost - idle));
    }
    const end = ours().find(({ pid }) => pid === start?.pid);
    return end === undefined
      ? { saves }
      : { saves, kept: { memoryMiB: end.memoryMiB, perSave: (end.cpu - start.cpu) / rounds } };
  } finally {
    await nx('daemon', '--stop');
  }
}
