/**
 * The hot loop and the tasks share one store: what one of them compiled, the other need not.
 * `node e2e/tasks/session.mjs [--keep]`; the last line is `N passed, N failed`.
 */
import { deepEqual, match, ok } from 'node:assert/strict';
import { cp, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Task } from '../harness/task.mjs';
import { linkPackages } from '../harness/workspace.mjs';
import { nx } from './nx.mjs';
import { play } from './suite.mjs';
import { watchRustc } from './watch-rustc.mjs';
import { commit, git, makeTasksWorkspace, write } from './workspace.mjs';

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
const scratch = await mkdtemp(join(tmpdir(), 'nxhp-'));
const { root } = await makeTasksWorkspace(scratch);
const { PATH, compiles } = await watchRustc(scratch);
/** A program that goes on. It depends on `own` too. */
const program = (said) =>
  [
    'fn answer(line: &str) -> String {',
    `    format!("{line} {} {}", shared::price(2), ${said})`,
    '}',
    '',
    'fn main() {',
    '    for line in std::io::stdin().lines() {',
    '        println!("= {}", answer(&line.unwrap()));',
    '    }',
    '}',
    '',
  ].join('\n');
await write(root, { 'api/src/main.rs': program('steel::name()') });
commit(root, 'a program that goes on');

const price = (factor) => `pub fn price(count: u32) -> u32 {\n    count * ${factor}\n}\n`;

await play(
  {
    async 'an edit before the first start compiles what depends on it, and nothing from elsewhere'() {
      const built = await nx(root, ['run', 'api:hotpatch-image'], { PATH });
      ok(built.ok, built.output);
      ok((await compiles()).includes('steel'), 'rustc is watched');
      const clone = join(scratch, 'clone');
      git(scratch, 'clone', '--quiet', root, clone);
      await linkPackages(clone);
      // What any remote cache would bring.
      await cp(join(root, '.nx'), join(clone, '.nx'), { recursive: true });
      await write(clone, { 'shared/src/lib.rs': price(8) });
      const { ok: done, output } = await nx(clone, ['run', 'api:hotpatch-image'], { PATH });
      ok(done, output);
      // Build scripts of the workspace itself are cargo's to make.
      deepEqual([...new Set(await compiles())].sort(), ['api', 'build_script_build', 'shared']);
    },

    async 'what a session compiled is not compiled again by the tasks'() {
      const task = await session();
      match(await task.ask('a'), /^a 10 steel$/);
      await compiles();
      await write(root, { 'shared/src/lib.rs': price(9) });
      await task.event('patched');
      match(await task.ask('b'), /^b 18 steel$/);
      await task.interrupt();
      deepEqual([...new Set(await compiles())].sort(), ['api', 'shared']);

      const { ok: done, ran, output } = await nx(root, ['run', 'api:hotpatch-image'], { PATH });
      ok(done, output);
      ok(ran.includes('shared:hotpatch-codegen'), 'its sources are others');
      // The program is linked, which rustc does.
      deepEqual(await compiles(), ['api']);
    },

    async 'and a session starts with what the tasks have'() {
      const task = await session();
      match(await task.ask('c'), /^c 18 steel$/);
      deepEqual(await compiles(), []);
      // Of a library that no code named there is all that the first call into it needs.
      await write(root, { 'api/src/main.rs': program('own::text().len()') });
      await task.event('patched');
      match(await task.ask('d'), /^d 18 \d+$/);
      await task.interrupt();
      deepEqual(await compiles(), ['api']);
    },
  },
  { scratch, keep: values.keep },
);

async function session() {
  const folder = await mkdtemp(join(scratch, 'session-'));
  await mkdir(folder, { recursive: true });
  const task = await Task.start({
    workspace: root,
    scratch: folder,
    via: 'nx',
    project: 'api',
    env: { PATH },
  });
  await task.event('ready');
  return task;
}
