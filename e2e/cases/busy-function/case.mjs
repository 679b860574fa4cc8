import { deepStrictEqual } from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { play } from '../../harness/steps.mjs';

export default {
  behaviour:
    'A function in whose middle a thread is goes on in its old code, and the report names it and the thread.',
  async play(stage) {
    const task = await stage.start();
    const at = { ...stage, task };
    const { pid } = await task.event('ready');
    await play({ edit: 'after' }, at);
    const { functions, busy } = await task.event('patched');
    const changed = functions.filter(({ change }) => change === 'changed').map(({ name }) => name);
    deepStrictEqual(changed.sort(), ['app::behaviour::step', 'app::behaviour::worker']);
    deepStrictEqual(
      busy.map(({ name, threads }) => [name, threads]),
      [['app::behaviour::worker', [`worker (${await threadNamed('worker', pid)})`]]],
    );
    await task.says(
      /still on a stack: app::behaviour::worker \(thread worker \(\d+\)\): it runs its old code until it returns/,
    );
    await play({ ask: { go: 'it goes on' } }, at);
  },
};

async function threadNamed(name, pid) {
  for (const tid of await readdir(`/proc/${pid}/task`)) {
    if ((await readFile(`/proc/${pid}/task/${tid}/comm`, 'utf8')).trim() === name) return tid;
  }
  throw new Error(`no thread ${name}`);
}
