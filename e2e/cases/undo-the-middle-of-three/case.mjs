import { deepStrictEqual } from 'node:assert/strict';
import { namesOf } from '../../harness/names.mjs';
import { play } from '../../harness/steps.mjs';
import { tell } from '../../harness/tell.mjs';

const edit = (file, from, to) => ({ [file]: (text) => text.replace(from, to) });

/** Takes back, and gives the numbers of the patches and the functions that run older code. */
async function undo(stage, words) {
  const { event } = await tell(stage, words, { json: true });
  await stage.task.event('undone');
  return [event.patches, namesOf(event, 'restored')];
}

export default {
  behaviour:
    'The middle one of three patches is taken back alone, comes again with the next save, and goes with what builds on it.',
  async play(stage) {
    const task = await stage.start();
    const at = { ...stage, task };
    await task.event('ready');
    await play(
      { edit: edit('leaf/src/lib.rs', '* 2', '* 10'), patched: { redirected: ['leaf::double'] } },
      at,
    );
    await play({ edit: edit('mid/src/lib.rs', '+ 1', '+ 5'), patched: { redirected: ['mid::price'] } }, at);
    await play(
      {
        edit: edit('app/src/behaviour.rs', 'command.len()', '100 + command.len()'),
        patched: { redirected: ['app::behaviour::reply'] },
        ask: { abc: '1 1035' },
      },
      at,
    );

    deepStrictEqual(await undo(at, 'undo:2'), [[2], ['mid::price']]);
    await play({ ask: { abc: '2 1031' } }, at);

    // Image 4 took 2 back, so this is 5.
    await play(
      {
        edit: edit('app/src/behaviour.rs', '100 +', '200 +'),
        patched: { redirected: ['app::behaviour::reply', 'mid::price'] },
        ask: { abc: '3 2035' },
      },
      at,
    );
    deepStrictEqual(await undo(at, 'undo:3'), [
      [5, 3],
      ['app::behaviour::reply', 'mid::price'],
    ]);
    await play({ ask: { abc: '4 31' } }, at);
    deepStrictEqual(await undo(at, 'undo'), [[1], ['leaf::double']]);
    await play({ ask: { abc: '5 7' } }, at);
  },
};
