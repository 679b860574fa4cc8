import { match } from 'node:assert/strict';
import { attach, interrupt, stopsAt } from '../../harness/debugged.mjs';

const behaviour = 'app/src/behaviour.rs';

export default {
  behaviour:
    'A breakpoint that gdb puts into the jump over a replaced function does not lead the program astray.',
  needs: 'gdb',
  steps: [
    attach('gdb', 'info threads'),
    {
      edit: { [behaviour]: (text) => text.replace('* 10', '* 100').replace('    1\n', '    2\n') },
      patched: { redirected: ['app::behaviour::first', 'app::behaviour::second'] },
      ask: { a: '202' },
    },
    interrupt('break app::behaviour::first', 'break behaviour.rs:20'),
    stopsAt('b', '202', async (debug) => {
      match(await debug('bt'), /#0 .*behaviour::first/);
      match(
        await debug('info breakpoints'),
        /in app::behaviour::first .*\n(.*\n)*.*in app::behaviour::first /,
      );
      match(await debug('continue'), /behaviour::second/);
      await debug('delete');
    }),
    { ask: { c: '202' } },
  ],
};
