/**
 * The tasks by profile: each profile's are tasks of their own, with outputs of their own. `node e2e/tasks/profiles.mjs
 * [--keep]`; the last line is `N passed, N failed`.
 */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EVERYTHING, isCached, nx } from './nx.mjs';
import { play } from './suite.mjs';
import { makeTasksWorkspace, restore, write } from './workspace.mjs';

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
const scratch = await mkdtemp(join(tmpdir(), 'nxhp-'));
const { root } = await makeTasksWorkspace(scratch);
const RELEASE = [...EVERYTHING, '--configuration=release'];
/** What the program `api` prints. */
const RUNS = /10 inside\noutside\nbuiltNone steel/;
const all = [];

const steps = {
  async 'the dev profile first'() {
    const { ok: built, ran, output } = await nx(root, EVERYTHING);
    ok(built, output);
    all.push(...ran.filter(isCached));
  },

  async 'another profile is the same tasks, each another one'() {
    const { ok: built, ran, output } = await nx(root, RELEASE);
    ok(built, output);
    deepEqual(
      ran.filter(isCached),
      all.map((task) => `${task}:release`),
    );
  },

  async 'neither spoils what the other one left'() {
    for (const command of [EVERYTHING, RELEASE]) {
      const { local, output } = await nx(root, command);
      equal(local.length, all.length, output);
    }
    deepEqual((await imageRecord('dev')).record.profile, 'dev');
    deepEqual((await imageRecord('release')).record.profile, 'release');
  },

  async 'an edit concerns the same tasks of both'() {
    await write(root, { 'own/src/inside.txt': 'edited\n' });
    const edited = async (command) => (await nx(root, command)).ran.filter(isCached);
    const dev = await edited(EVERYTHING);
    deepEqual(dev, [
      'api:hotpatch-codegen',
      'api:hotpatch-image',
      'own:hotpatch-codegen',
      'own:hotpatch-unit--00',
    ]);
    deepEqual(
      await edited(RELEASE),
      dev.map((task) => `${task}:release`),
    );
    restore(root);
  },

  async 'a program starts in that profile from the cache, without a compile'() {
    await rm(join(root, 'target'), { recursive: true });
    const { output, local } = await nx(root, ['run', 'api:hotpatch:release']);
    match(output, RUNS);
    equal(existsSync(join(root, 'target/release/.fingerprint')), false, 'cargo built nothing');
    deepEqual(
      local.filter((task) => !task.endsWith(':release')),
      [],
    );
    equal(existsSync(join(root, 'target/hotpatch/store/dev')), false, 'nothing is done for the dev profile');
  },

  async 'an option for another profile makes the tasks end at once, and nothing takes that for their work'() {
    const edited = [
      'api:hotpatch-codegen',
      'api:hotpatch-image',
      'own:hotpatch-codegen',
      'own:hotpatch-unit--00',
    ];
    await write(root, { 'own/src/inside.txt': 'optional\n' });
    for (let round = 0; round < 2; round++) {
      const { output, local } = await nx(root, ['run', 'api:hotpatch', '--release']);
      match(output, /10 optional\noutside/);
      match(output, /nothing is done: the session is one of the release profile/);
      match(output, /the tasks make dev, and did nothing: `nx run api:hotpatch:release`/);
      deepEqual(local, [], 'nothing of it was cached');
    }
    const dev = await nx(root, EVERYTHING);
    deepEqual(dev.ran.filter(isCached), edited, dev.output);
    match((await nx(root, ['run', 'api:hotpatch'])).output, /10 optional\noutside/);
    await nx(root, ['run', 'api:hotpatch', '--release']);
    deepEqual((await nx(root, EVERYTHING)).ran.filter(isCached), []);
    restore(root);
  },

  async "a profile of the workspace's own is one more"() {
    const manifest = await readFile(join(root, 'Cargo.toml'), 'utf8');
    await write(root, { 'Cargo.toml': `${manifest}\n[profile.quick]\ninherits = "dev"\nopt-level = 1\n` });
    const { ran, output } = await nx(root, ['run', 'tool:hotpatch:quick']);
    match(output, /15 timber/);
    ok(ran.includes('tool:hotpatch-image:quick'), output);
    equal((await imageRecord('quick', 'tool')).record.profile, 'quick');
    restore(root);
  },

  async 'of several programs the tasks wait until one is named'() {
    await write(root, {
      'tool/src/bin/other.rs': 'fn main() {\n    println!("the other {}", shared::price(1));\n}\n',
    });
    const { output, ok: done } = await nx(root, ['run', 'tool:hotpatch', '--bin=other']);
    ok(done, output);
    match(
      output,
      /tool has several programs.*`nx run tool:hotpatch-image:other` or `nx run tool:hotpatch-image:tool`/,
    );
    match(output, /the other 5/);
  },
};

await play(steps, { scratch, keep: values.keep });

async function imageRecord(profile, program = 'api') {
  const folder = join(root, 'target/hotpatch/store', profile, 'images', program, program);
  return JSON.parse(await readFile(join(folder, 'image.json'), 'utf8'));
}
