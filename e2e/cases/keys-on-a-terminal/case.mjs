import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { play } from '../../harness/steps.mjs';
import { withPatience } from '../../harness/task.mjs';

export default {
  behaviour:
    'Keys on the terminal of a program that reads no input are commands, and the terminal is left as it was.',
  async play(stage) {
    const task = await stage.start({ terminal: true });
    const at = { ...stage, task };
    await task.event('ready');
    const says = async (text) => {
      while ((await readFile(join(stage.workspace, 'said'), 'utf8').catch(() => '')) !== text) await null;
    };

    await play({ edit: 'after' }, at);
    deepStrictEqual(
      (await task.event('patched')).functions.map(({ name }) => name),
      ['app::behaviour::say'],
    );
    await withPatience(says('new'), 'the new text');
    task.press('x');
    task.press('s');
    const status = await task.event('status');
    deepStrictEqual(
      status.patches.map(({ patch, state }) => [patch, state]),
      [[1, 'live']],
    );
    task.press('u');
    deepStrictEqual((await task.event('undone')).patches, [1]);
    await withPatience(says('old'), 'the old text');
    task.press('r');
    await task.event('restarted');
    await withPatience(says('new'), 'the text of the sources');
    task.press('q');
    const { signal } = await task.event('exited');
    strictEqual(signal, 'SIGINT');
    strictEqual((await withPatience(task.exit, 'the end of the task')).code, 130);
    await task.says(/keys: u undo, s status, r restart, q stop, h help/);
    await task.says(/terminal usual/);
  },
};
