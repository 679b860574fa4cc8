import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { play } from '../../harness/steps.mjs';
import { tell } from '../../harness/tell.mjs';

export default {
  behaviour:
    'The whole of it through `nx run app:hotpatch`: input, output, a patch, what another terminal tells it, and the exit.',
  via: 'nx',
  async play(stage) {
    stage.task = await stage.start();
    await stage.task.event('ready');
    await play({ ask: { abc: '1 7' } }, stage);
    await play({ edit: 'after', patched: { redirected: ['leaf::double'] }, ask: { abc: '2 10' } }, stage);
    const status = await tell(stage, undefined);
    strictEqual(status.code, 0, status.words);
    match(status.words, /leaf::double/);
    const undone = await tell(stage, 'undo');
    strictEqual(undone.code, 0, undone.words);
    deepStrictEqual(undone.words.includes('Waiting for'), false);
    await play({ ask: { abc: '3 7' } }, stage);
    // Nx itself ends with 1, whatever the code of a failed task was.
    await play({ exits: { tell: 'leave', code: 7, task: 1 } }, stage);
  },
};
