/**
 * One patch as a file, without a process: `hotpatch-patch`. `node e2e/tasks/patch.mjs [--keep]`; the last line is
 * `N passed, N failed`.
 */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nx } from './nx.mjs';
import { play } from './suite.mjs';
import { makeTasksWorkspace, restore, write } from './workspace.mjs';

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
const scratch = await mkdtemp(join(tmpdir(), 'nxhp-'));
const { root } = await makeTasksWorkspace(scratch);
const folder = join(root, 'target/hotpatch/store/dev/patches/api/api');
const edited = (factor) => `pub fn price(count: u32) -> u32 {\n    count * ${factor}\n}\n`;

await play(
  {
    async 'without a base it builds one, and says that there is nothing to patch yet'() {
      const { ok: done, output, report } = await patch();
      ok(done, output);
      equal(report.outcome, 'unchanged');
      match(output, /There was no base/);
      equal(existsSync(join(folder, 'patch.so')), false);
    },

    async 'an edit in a library gives a patch with the function that changed'() {
      await write(root, { 'shared/src/lib.rs': edited(9) });
      const { ok: done, output, report } = await patch();
      ok(done, output);
      equal(report.outcome, 'patched');
      deepEqual(
        report.functions.map(({ change, name }) => `${change} ${name}`),
        ['changed shared::price'],
      );
      const image = await readFile(join(folder, 'patch.so'));
      equal(image.length, report.bytes);
      equal(image.subarray(1, 4).toString(), 'ELF');
    },

    async 'the base stays what it was built from, whatever other tasks compile meanwhile'() {
      const { ok: compiled, output } = await nx(root, ['run', 'tool:hotpatch-image']);
      ok(compiled, output);
      const { report } = await patch();
      deepEqual(
        report.functions.map(({ name }) => name),
        ['shared::price'],
      );
    },

    async 'what does not compile is told as rustc tells it, and leaves no patch behind'() {
      await write(root, { 'shared/src/lib.rs': edited('"nine"') });
      const { ok: done, output, report } = await patch();
      equal(done, false);
      match(output, /cannot multiply `u32` by `&str`/);
      equal(report.outcome, 'compile-error');
      equal(report.diagnostics[0].code, 'E0277');
      equal(existsSync(join(folder, 'patch.so')), false);
    },

    async 'a changed manifest is refused, and named'() {
      await write(root, {
        'shared/Cargo.toml': '[package]\nname = "shared"\nversion = "0.2.0"\nedition = "2024"\n',
      });
      const { ok: done, output, report } = await patch();
      equal(done, false);
      equal(report.outcome, 'refused');
      deepEqual(
        report.reasons.map(({ code, subject }) => `${code} ${subject}`),
        ['manifest-changed shared/Cargo.toml'],
      );
      match(output, /shared\/Cargo.toml changed/);
    },

    async 'the sources of the base again are nothing to patch'() {
      restore(root);
      const { ok: done, output, report } = await patch();
      ok(done, output);
      equal(report.outcome, 'unchanged');
      equal(existsSync(join(folder, 'patch.so')), false);
    },
  },
  { scratch, keep: values.keep },
);

async function patch() {
  const run = await nx(root, ['run', 'api:hotpatch-patch']);
  const report = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8'));
  return { ...run, report };
}
