/**
 * `nx affected` takes the programs that a change can concern. `node e2e/tasks/affected.mjs [--keep]`; the last line is
 * `N passed, N failed`.
 */
import { deepEqual, ok } from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nx } from './nx.mjs';
import { play } from './suite.mjs';
import { commit, makeTasksWorkspace, ownToolchain, restore, write } from './workspace.mjs';

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
const scratch = await mkdtemp(join(tmpdir(), 'nxhp-'));
const { root } = await makeTasksWorkspace(scratch);
await write(root, { 'rust-toolchain.toml': `[toolchain]\nchannel = "${ownToolchain}"\n` });
commit(root, 'a toolchain file');

const more = async (file) => ({ [file]: `${await readFile(join(root, file), 'utf8')}\n# more\n` });

await play(
  {
    async 'a source concerns the programs that contain it'() {
      await write(root, { 'own/src/inside.txt': 'another\n' });
      deepEqual(await affected(), { image: ['api'], patch: ['api'] });
      await write(root, { 'shared/src/lib.rs': 'pub fn price(count: u32) -> u32 {\n    count\n}\n' });
      deepEqual(await affected(), { image: ['api', 'tool'], patch: ['api', 'tool'] });
    },

    async 'a file outside of a package concerns the programs whose sources name it'() {
      await write(root, { 'texts/outside.txt': 'another\n' });
      deepEqual(await affected(), { image: ['api'], patch: ['api'] });
    },

    ...Object.fromEntries(
      ['Cargo.lock', 'Cargo.toml', 'rust-toolchain.toml'].map((file) => [
        `${file} at the root concerns every program`,
        async () => {
          await write(root, await more(file));
          deepEqual(await affected(), { image: ['api', 'tool'], patch: ['api', 'tool'] });
        },
      ]),
    ),

    async 'a file that nothing is compiled from concerns none'() {
      await write(root, { 'texts/of-nobody.txt': 'another\n' });
      deepEqual(await affected(), { image: [], patch: [] });
    },
  },
  { scratch, keep: values.keep },
);

/** The projects whose tasks `nx affected` would run, by kind; the change is taken back. */
async function affected() {
  const kinds = { image: await projects('image'), patch: await projects('patch') };
  restore(root);
  return kinds;
}

async function projects(kind) {
  const file = join(scratch, 'graph.json');
  await rm(file, { force: true });
  const command = ['affected', '-t', `hotpatch-${kind}`, '--base=HEAD', `--graph=${file}`];
  const { ok: done, output } = await nx(root, command);
  ok(done, output);
  const { tasks } = JSON.parse(await readFile(file, 'utf8'));
  const ids = Object.keys(tasks.tasks).filter((id) => id.endsWith(`:hotpatch-${kind}`));
  return ids.map((id) => id.split(':')[0]).sort();
}
