import { deepStrictEqual } from 'node:assert/strict';
import { play } from '../../harness/steps.mjs';

const file = 'plugin/src/lib.rs';
const edit = (from, to) => ({ [file]: (text) => text.replace(from, to) });

export default {
  behaviour:
    'A library is patched in every process that loads it, whenever it does, and in none that has two of it.',
  needs: 'python3',
  via: 'nx',
  project: 'plugin',
  // With `--` on its command line nx takes no options before it; project.json has them.
  options: { events: undefined },
  arguments: ['python3', 'host.py'],
  async play(stage) {
    stage.task = await stage.start();
    await stage.task.says(/waiting until python3 loads .*build\/plugin\.so/);
    await play({ ask: { load: 'loaded', a: '1' } }, stage);
    await stage.task.event('ready');
    await play(
      {
        edit: edit('{\n    ASKED.get()', '{\n    ASKED.get() + 100'),
        patched: { redirected: ['plugin::number'] },
      },
      stage,
    );
    await play({ ask: { b: '102', 'child load': 'loaded' } }, stage);
    await play(
      {
        edit: edit('100', '200'),
        async run({ task }) {
          const { pids, functions } = await task.event('patched');
          const child = Number(await task.ask('child pid'));
          deepStrictEqual(new Set(pids), new Set([...task.pids, child]));
          deepStrictEqual(
            functions.map(({ name }) => name),
            ['plugin::number'],
          );
        },
        ask: { c: '203', 'child d': '201' },
      },
      stage,
    );
    await play({ ask: { 'load a copy': 'loaded' } }, stage);
    await play(
      {
        edit: edit('200', '300'),
        refused: { code: 'library-loaded-twice', words: /plugin\.so/, action: 'keep' },
        ask: { e: '204', 'child f': '202', 'end the child': '0' },
      },
      stage,
    );
  },
};
