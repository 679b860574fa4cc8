import { deepStrictEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { play } from '../../harness/steps.mjs';

export default {
  behaviour: 'SIGINT in the midst of a save leaves whole artifacts: the next start works.',
  async play(stage) {
    const first = await stage.start();
    await first.event('ready');
    await play({ edit: 'after' }, { ...stage, task: first });
    await first.interrupt('SIGINT');
    deepStrictEqual(await first.leftovers(), []);
    const second = await stage.start();
    await second.event('ready');
    const text = readFileSync(join(stage.workspace, 'leaf/src/lib.rs'), 'utf8');
    const edit = { 'leaf/src/lib.rs': text.replace('* 3', '* 4') };
    const at = { ...stage, task: second };
    await play({ ask: { abc: '1 10' } }, at);
    await play({ edit, patched: { redirected: ['leaf::double'] } }, at);
    await play({ ask: { abc: '2 13' } }, at);
  },
};
