/**
 * What the tasks say: a line, which Nx repeats with every hit; warnings when they are compiled; all of it when a build fails.
 * `node e2e/tasks/words.mjs [--keep]`; the last line is `N passed, N failed`.
 */
import { doesNotMatch, equal, match, ok } from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nx } from './nx.mjs';
import { play } from './suite.mjs';
import { makeTasksWorkspace, write } from './workspace.mjs';

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
const scratch = await mkdtemp(join(tmpdir(), 'nxhp-'));
const { root } = await makeTasksWorkspace(scratch);
const IMAGE = ['run', 'api:hotpatch-image'];
const body = (line) => `pub fn price(count: u32) -> u32 {\n    ${line}\n}\n`;
const times = (output, words) => output.split(words).length - 1;

await play(
  {
    async 'what was built is one line, and every hit says that and no more'() {
      const first = await nx(root, IMAGE);
      ok(first.ok, first.output);
      const again = await nx(root, IMAGE);
      for (const { output } of [first, again]) {
        match(output, /1 crate from elsewhere and 3 of the workspace built in [\d.]+ s\n/);
        doesNotMatch(output, /Compiling|Finished/);
      }
      equal(again.ran.filter((task) => task.endsWith('-image')).length, 0, again.output);
    },

    async 'a warning is shown when it is compiled, once, and hits count it'() {
      await write(root, { 'shared/src/lib.rs': body('let unused = 1;\n    count') });
      const { ok: built, output } = await nx(root, IMAGE);
      ok(built, output);
      equal(times(output, 'warning: unused variable'), 1, output);
      const again = await nx(root, IMAGE);
      equal(times(again.output, 'unused variable'), 0, again.output);
      match(again.output, /shared built, with 1 warning\n/);
    },

    async 'a build that fails says all that cargo said, once'() {
      await write(root, { 'shared/src/lib.rs': body('"text"') });
      const { ok: built, output } = await nx(root, IMAGE);
      equal(built, false);
      match(output, /Compiling shared/);
      for (const words of ['error[E0308]: mismatched types', 'could not compile'])
        equal(times(output, words), 1, output);
    },

    async 'so does a task that is told to run without a batch'() {
      const { ok: built, output } = await nx(root, [...IMAGE, '--batch=false']);
      equal(built, false);
      match(output, /error\[E0308\]: mismatched types/);
    },
  },
  { scratch, keep: values.keep },
);
