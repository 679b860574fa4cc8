import { deepStrictEqual } from 'node:assert/strict';
import { play } from '../../harness/steps.mjs';

const edit = { 'app/src/behaviour.rs': (text) => text.replace('command == "bad"', 'command == "worse"') };

export default {
  behaviour:
    'A panic in a destructor while another unwinds through patched code aborts, and the crash names the patch.',
  async play(stage) {
    const task = await stage.start();
    const at = { ...stage, task };
    await task.event('ready');
    await play({ ask: { calm: 'calm', good: 'caught' } }, at);
    await play({ edit, patched: { redirected: ['app::behaviour::outer'] } }, at);
    await play({ ask: { calm: 'calm', bad: 'caught' } }, at);
    task.child.stdin.write('worse\n');
    const { signal, where, patch, function: name } = await task.event('crashed');
    deepStrictEqual([signal, where, patch, name], ['SIGABRT', 'under-patch', 1, 'app::behaviour::outer']);
    await task.says(/panic in a destructor during cleanup/);
    await play({ exits: { signal: 'SIGABRT', task: 134 } }, at);
  },
};
