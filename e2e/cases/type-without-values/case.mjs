import { deepStrictEqual } from 'node:assert/strict';
import { namesOf } from '../../harness/names.mjs';
import { play } from '../../harness/steps.mjs';
import { tell } from '../../harness/tell.mjs';

const ROW = ['<app::behaviour::Row as core::fmt::Display>::fmt', 'app::behaviour::Row::of'];

export default {
  behaviour:
    'A field added to a type of which no value is alive is patched, with threads that run on, and taken back.',
  async play(stage) {
    const task = await stage.start();
    const at = { ...stage, task };
    await task.event('ready');
    await play({ ask: { abc: 'ABC 3' } }, at);
    await play(
      {
        edit: 'after',
        patched: {
          redirected: { own: [...ROW, 'app::behaviour::Program::answer'] },
          added: { includes: [] },
          notes:
            /The layout of `app::behaviour::Row` changed \(.*field `width: \[u64; 3\]` is new.*\), and no value of the old one was alive\./,
        },
      },
      at,
    );
    await play({ ask: { abcd: 'ABCD 4 of [7, 8, 9]' } }, at);
    const { event } = await tell(at, 'undo', { json: true });
    await task.event('undone');
    deepStrictEqual(event.patches, [1]);
    deepStrictEqual(
      namesOf(event, 'restored').filter((name) => ROW.includes(name)),
      ROW,
    );
    await play({ ask: { ab: 'AB 2' } }, at);
  },
};
