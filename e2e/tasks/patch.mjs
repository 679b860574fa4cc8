/**
 * One patch as a file, without a process: `hotpatch-patch`. `node e2e/tasks/patch.mjs [--keep]`; the last line is
 * `N passed, N failed`.
 */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { linkPackages } from '../harness/workspace.mjs';
import { nx } from './nx.mjs';
import { play } from './suite.mjs';
import { commit, git, makeTasksWorkspace, restore, write } from './workspace.mjs';

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
const scratch = await mkdtemp(join(tmpdir(), 'nxhp-'));
const { root } = await makeTasksWorkspace(scratch);
await dependOnSpare();
const PATCHES = 'target/hotpatch/store/dev/patches/api/api';
const folder = join(root, PATCHES);
const other = join(scratch, 'other');
git(scratch, 'clone', '--quiet', root, other);
await linkPackages(other);
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

    async 'the same again is a hit, which brings the patch back'() {
      await rm(folder, { recursive: true });
      const { local, report } = await patch();
      deepEqual(local, ['api:hotpatch-patch']);
      equal(report.outcome, 'patched');
      equal((await readFile(join(folder, 'patch.so'))).length, report.bytes);
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

    async 'a library that no code named comes along with the first call into it, as it is by then'() {
      restore(root);
      const spare = {
        'spare/src/lib.rs': 'pub fn name() -> String {\n    format!("{}!", timber::name())\n}\n',
      };
      await write(root, spare);
      const before = await patch();
      equal(before.report.outcome, 'unchanged');
      const text = await readFile(join(root, 'api/src/main.rs'), 'utf8');
      await write(root, { 'api/src/main.rs': text.replace('steel::name()', 'spare::name()') });
      const { report, output } = await patch();
      equal(report.outcome, 'patched', output);
      const named = report.functions.map(({ change, name }) => `${change} ${name}`);
      for (const each of ['changed api::main', 'new spare::name', 'new timber::name'])
        ok(named.includes(each), `${each} in ${named}`);
      restore(root);
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

    async 'a new thread-local is refused, because there is no process that has room for it'() {
      restore(root);
      await write(root, {
        'shared/src/lib.rs': [
          'thread_local! { static ASKED: std::cell::Cell<u32> = const { std::cell::Cell::new(0) }; }',
          'pub fn price(count: u32) -> u32 {',
          '    ASKED.set(ASKED.get() + count);',
          '    ASKED.get() * 5',
          '}',
          '',
        ].join('\n'),
      });
      const { ok: done, output, report } = await patch();
      equal(done, false);
      deepEqual(
        report.reasons.map(({ code }) => code),
        ['thread-locals-exhausted'],
      );
      match(output, /✗ refused: A new thread-local needs room that only a running process has/);
    },

    async 'the sources of the base again are nothing to patch'() {
      restore(root);
      const { ok: done, output, report } = await patch();
      ok(done, output);
      equal(report.outcome, 'unchanged');
      equal(existsSync(join(folder, 'patch.so')), false);
    },

    async 'the same sources from another base are another patch'() {
      await write(root, { 'shared/src/lib.rs': edited(9) });
      const { ok: built, output } = await nx(root, ['run', 'api:hotpatch-image']);
      ok(built, output);
      restore(root);
      await write(root, { 'shared/src/lib.rs': edited(5) });
      const { ran, report } = await patch();
      deepEqual(ran, ['api:hotpatch-base', 'api:hotpatch-patch']);
      deepEqual(
        report.functions.map(({ name }) => name),
        ['shared::price'],
      );
    },

    async 'a given base is that of another clone, and nothing is built here'() {
      await write(other, { 'shared/src/lib.rs': edited(7) });
      const {
        ok: done,
        output,
        report,
      } = await patch(other, `--base=${join(root, 'target/hotpatch/store')}`);
      ok(done, output);
      equal(report.outcome, 'patched');
      deepEqual(
        report.functions.map(({ name }) => name),
        ['shared::price'],
      );
      equal(existsSync(join(other, 'target/debug/.fingerprint')), false, 'cargo built nothing');
      const lastBuild = JSON.parse(
        await readFile(join(root, 'target/hotpatch/store/dev/images/api/api/image.json'), 'utf8'),
      );
      equal(report.base, lastBuild.record.image.buildId);
    },

    async 'a given base with another manifest is refused, and one without the program is an error'() {
      await write(other, {
        'own/Cargo.toml': '[package]\nname = "own"\nversion = "0.2.0"\nedition = "2024"\n',
      });
      const store = join(root, 'target/hotpatch/store');
      const refused = await patch(other, `--base=${store}`);
      equal(refused.ok, false);
      match(refused.output, /✗ refused: .*own\/Cargo.toml changed/);
      const missing = await nx(other, ['run', 'tool:hotpatch-patch', '--base=texts']);
      equal(missing.ok, false);
      match(missing.output, /--base=.* has no dev build of tool: give the folder/);
    },

    async 'a given base whose crates were compiled since its image was made says how to get one'() {
      await write(root, { 'shared/src/lib.rs': edited(8) });
      const { ok: compiled, output } = await nx(root, ['run', 'shared:hotpatch-codegen']);
      ok(compiled, output);
      const base = `--base=${join(root, 'target/hotpatch/store')}`;
      const stale = await nx(other, ['run', 'api:hotpatch-patch', base]);
      equal(stale.ok, false);
      match(stale.output, /shared was compiled since its image was made, .*; run hotpatch-image there first/);
      ok((await nx(root, ['run', 'api:hotpatch-image'])).ok);
      restore(other);
      const { report } = await patch(other, base);
      deepEqual(
        report.functions.map(({ name }) => name),
        ['shared::price'],
      );
    },
  },
  { scratch, keep: values.keep },
);

async function patch(where = root, ...options) {
  const run = await nx(where, ['run', 'api:hotpatch-patch', ...options]);
  const report = JSON.parse(await readFile(join(where, PATCHES, 'report.json'), 'utf8'));
  return { ...run, report };
}

/** `api` depends on a library that it does not name, which depends on a crate that `api` does not contain. */
async function dependOnSpare() {
  const edit = async (file, from, to) =>
    write(root, { [file]: (await readFile(join(root, file), 'utf8')).replace(from, to) });
  await edit('Cargo.toml', '"own"', '"own", "spare"');
  await edit('api/Cargo.toml', '[dependencies]\n', '[dependencies]\nspare = { path = "../spare" }\n');
  await write(root, {
    'spare/Cargo.toml': `[package]\nname = "spare"\nversion = "0.1.0"\nedition = "2024"\n[dependencies]\ntimber = { git = "file://${scratch}/elsewhere/timber" }\n`,
    'spare/src/lib.rs': "pub fn name() -> &'static str {\n    timber::name()\n}\n",
  });
  execFileSync('cargo', ['generate-lockfile', '--quiet'], { cwd: root });
  commit(root, 'a spare library');
}
