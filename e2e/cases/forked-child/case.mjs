import { strictEqual } from 'node:assert/strict';
import { play } from '../../harness/steps.mjs';

const word = (from, to) => ({ 'app/src/behaviour.rs': (text) => text.replace(`"${from}"`, `"${to}"`) });
const patched = { redirected: ['app::behaviour::word'] };

export default {
  behaviour: 'A forked child has the patches of its parent and is patched together with it.',
  async play(stage) {
    const task = await stage.start();
    const at = { ...stage, task };
    await task.event('ready');
    await play({ edit: word('old', 'first'), patched }, at);
    const child = Number(await task.ask('fork'));
    await play({ ask: { parent: 'first', child: 'first' } }, at);
    await play({ edit: word('first', 'second') }, at);
    const event = await task.event('patched', 'refused');
    strictEqual(event.event, 'patched');
    strictEqual(event.pids.includes(child), true, `the child ${child} is among ${event.pids}`);
    await play({ ask: { parent: 'second', child: 'second' } }, at);
  },
};
