/**
 * No false hit and no needless miss: changes each input of the tasks in turn and compares the tasks that ran with those
 * that had to. `node e2e/tasks/inputs.mjs [filter] [--daemon] [--keep]`; the last line is `N passed, N failed`.
 */
import { deepEqual, ok } from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { changes } from './changes.mjs';
import { EVERYTHING, isCached, nx } from './nx.mjs';
import { play } from './suite.mjs';
import { makeTasksWorkspace, restore, write } from './workspace.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    keep: { type: 'boolean', default: false },
    // With Nx's daemon, which keeps its graph from run to run.
    daemon: { type: 'boolean', default: false },
  },
});
const scratch = await mkdtemp(join(tmpdir(), 'nxhp-'));
const { root, elsewhere } = await makeTasksWorkspace(scratch);

const daemon = { NX_DAEMON: String(values.daemon) };
const chosen = Object.entries(changes).filter(
  ([name]) => positionals.length === 0 || positionals.some((filter) => name.includes(filter)),
);
/** Every cached task of the workspace: none may be missing from a run. */
let all = [];
const steps = {
  async 'a workspace that was never built'() {
    const { ok: built, ran, local, output } = await nx(root, EVERYTHING, daemon);
    ok(built, output);
    deepEqual(local, []);
    all = ran.filter(isCached);
  },
  ...Object.fromEntries(chosen.map(([name, change]) => [name, () => check(change)])),
  async 'the first state again, after all that'() {
    await misses({}, []);
    // It would outlive its workspace.
    if (values.daemon) await nx(root, ['daemon', '--stop'], daemon);
  },
};
await play(steps, { scratch, keep: values.keep });

async function check(change) {
  if (change.write) await write(root, change.write);
  const more = await change.prepare?.(root, elsewhere);
  try {
    await misses({ ...change.env, ...more }, change.misses.map(fullName).sort());
  } finally {
    await change.undo?.(root);
    restore(root);
  }
}

async function misses(env, expected) {
  const { ok: built, ran, local, output } = await nx(root, EVERYTHING, { ...daemon, ...env });
  ok(built, output);
  deepEqual(ran.filter(isCached), expected, output);
  deepEqual([...ran, ...local].filter(isCached).sort(), all, output);
}

function fullName(short) {
  const [project, kind] = short.split('/');
  return `${project}:hotpatch-${{ undefined: 'codegen', unit: 'unit--00' }[kind] ?? kind}`;
}
