import { doesNotMatch, strictEqual } from 'node:assert/strict';
import { play } from '../../harness/steps.mjs';
import { withPatience } from '../../harness/task.mjs';

export default {
  behaviour:
    'A program that reads its terminal gets what is typed there, also the letters that are keys elsewhere.',
  async play(stage) {
    const task = await stage.start({ terminal: true });
    const at = { ...stage, task };
    await task.event('ready');
    await play({ ask: { u: '1 3', abc: '2 7' } }, at);
    // Ctrl-D at the start of a line is the end of input (termios(3), VEOF).
    task.press('\u0004');
    await task.event('exited');
    strictEqual((await withPatience(task.exit, 'the end of the task')).code, 0);
    doesNotMatch(task.output, /keys:/);
  },
};
