import { match } from 'node:assert/strict';
import { attach, stopsAt } from '../../harness/debugged.mjs';

const behaviour = 'app/src/behaviour.rs';
const inner = { redirected: ['app::behaviour::inner'] };

export default {
  behaviour:
    'A breakpoint that gdb has by name stops in the function as it was saved last, and can step in it.',
  needs: 'gdb',
  steps: [
    attach('gdb', 'break app::behaviour::inner'),
    { edit: { [behaviour]: (text) => text.replace('count + 1', 'count * 2') }, patched: inner },
    stopsAt('one', 'one 40', async (debug) => {
      match(
        await debug('bt'),
        /#0 .*behaviour::inner.*count=20.*\n#1 .*behaviour::outer.*\n#2 .*answer.*\n#3 .*app::main/s,
      );
      match(await debug('list'), /let sum = count \* 2;/);
      await debug('next');
      match(await debug('print sum'), /= 40/);
    }),
    // A new line above: the breakpoint moves with its function.
    {
      edit: {
        [behaviour]: (text) =>
          text.replace('    let sum = count * 2', '    let sum = 2;\n    let sum = sum * 3 + count'),
      },
      patched: inner,
    },
    stopsAt('two', 'two 26', async (debug) => {
      // gdb keeps the text of a file that it has shown.
      await debug('maint flush source-cache');
      match(await debug('next'), /let sum = sum \* 3 \+ count;/);
    }),
  ],
};
