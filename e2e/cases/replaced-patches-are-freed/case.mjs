import { deepStrictEqual, ok } from 'node:assert/strict';
import { play } from '../../harness/steps.mjs';
import { tell } from '../../harness/tell.mjs';

/** The newest eight stay for undo, and it takes eight more until the memory of the program is looked at. */
const rounds = 17;
const factor = /amount \* \d+/;

export default {
  behaviour:
    'Patches that later ones have replaced are freed when nothing reaches them, and the state says so.',
  async play(stage) {
    const task = await stage.start();
    const at = { ...stage, task };
    await task.event('ready');
    await play(
      {
        repeat: rounds,
        edit: { 'leaf/src/lib.rs': (text, round) => text.replace(factor, `amount * ${round + 3}`) },
        patched: { redirected: ['leaf::double'] },
      },
      at,
    );
    const { pid, patches, kept } = await task.event('unloaded');
    deepStrictEqual([pid, kept], [task.pids[0], []]);
    ok(
      patches.length >= 8 && patches.every(({ patch, bytes }) => patch <= rounds - 8 && bytes > 0),
      JSON.stringify(patches),
    );
    await play({ ask: { abc: '1 58' } }, at);

    const { event } = await tell(stage, 'status', { json: true });
    const unloaded = event.patches.filter(({ state }) => state === 'unloaded').map(({ patch }) => patch);
    deepStrictEqual(
      unloaded,
      patches.map(({ patch }) => patch),
    );
    deepStrictEqual(event.patches.at(-1).state, 'live');

    await tell(stage, 'undo');
    await play({ ask: { abc: '2 55' } }, at);
  },
};
