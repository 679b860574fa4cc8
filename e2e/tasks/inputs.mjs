/**
 * No false hit and no needless miss: changes each input of the tasks in turn and compares the tasks that ran with those
 * that had to. `node e2e/tasks/inputs.mjs [filter] [--keep]`; the last line is `N passed, N failed`.
 */
import { deepEqual, ok } from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { changes } from './changes.mjs';
import { EVERYTHING, isCached, nx } from './nx.mjs';
import { makeTasksWorkspace, restore, write } from './workspace.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { keep: { type: 'boolean', default: false } },
});
const scratch = await mkdtemp(join(tmpdir(), 'nxhp-'));
const { root, elsewhere } = await makeTasksWorkspace(scratch);

let [passed, failed] = [0, 0];
await check('a workspace that was never built', async () => {
  const { ok: built, local, output } = await nx(root, EVERYTHING);
  ok(built, output);
  deepEqual(local, []);
});
for (const [name, change] of Object.entries(changes)) {
  if (positionals.length > 0 && !positionals.some((filter) => name.includes(filter))) continue;
  await check(name, async () => {
    if (change.write) await write(root, change.write);
    const more = await change.prepare?.(root, elsewhere);
    const { ok: built, ran, output } = await nx(root, EVERYTHING, { ...change.env, ...more });
    restore(root);
    ok(built, output);
    deepEqual(ran.filter(isCached), change.misses.map(fullName).sort(), output);
  });
}
await check('the first state again, after all that', async () => {
  const { ok: built, ran, output } = await nx(root, EVERYTHING);
  ok(built, output);
  deepEqual(ran.filter(isCached), [], output);
});
if (values.keep) console.log(`kept: ${scratch}`);
else await rm(scratch, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function check(name, body) {
  const began = performance.now();
  try {
    await body();
    passed += 1;
    console.log(`✓ ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed += 1;
    console.log(`✗ ${name}\n${error.message}`);
  }
}

function fullName(short) {
  const [project, kind] = short.split('/');
  return `${project}:hotpatch-${{ undefined: 'codegen', unit: 'unit--00' }[kind] ?? kind}`;
}
