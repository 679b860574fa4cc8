import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { play } from '../../harness/steps.mjs';
import { tell } from '../../harness/tell.mjs';

const patched = { redirected: ['leaf::double'] };
const states = ({ event }) => event.patches.map(({ patch, state }) => `${patch} ${state}`);

export default {
  behaviour:
    'Another process can take a patch back, ask for the state and restart, and gets the answer with an exit code.',
  async play(stage) {
    const none = await tell(stage, 'status');
    deepStrictEqual([none.code, none.text], [1, '']);
    match(none.words, /no session of app runs/);

    const task = await stage.start();
    const at = { ...stage, task };
    await task.event('ready');
    await play({ edit: 'after', patched, ask: { abc: '1 10' } }, at);
    await play({ edit: 'after-again', patched, ask: { abc: '2 13' } }, at);
    const status = await tell(stage, 'status', { json: true });
    deepStrictEqual(
      [status.code, states(status), status.event.pids],
      [0, ['1 replaced', '2 live'], task.pids],
    );
    deepStrictEqual(status.event.patches.at(-1).functions, ['leaf::double']);

    const undone = await tell(stage, 'undo');
    strictEqual(undone.code, 0);
    match(undone.text, /^✓ took back patch 2 in \d+ ms: leaf::double as before$/m);
    await task.event('undone');
    await play({ ask: { abc: '3 10' } }, at);

    const unknown = await tell(stage, 'undo:9');
    strictEqual(unknown.code, 1);
    match(unknown.text, /9.*\n.*nothing was done/s);
    await task.event('refused');

    const wrong = await tell(stage, 'undone');
    strictEqual(wrong.code, 1);
    match(wrong.words, /--tell=undone is no command/);

    const restarted = await tell(stage, 'restart', { json: true });
    deepStrictEqual([restarted.code, restarted.event.event], [0, 'restarted']);
    await play({ ask: { abc: '1 13' } }, at);
  },
};
