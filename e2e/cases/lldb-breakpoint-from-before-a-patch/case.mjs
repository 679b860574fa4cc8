import { match } from 'node:assert/strict';
import { attach, stopsAt } from '../../harness/debugged.mjs';

export default {
  behaviour: 'A breakpoint that lldb has by name stops in the patched function.',
  needs: 'lldb',
  steps: [
    attach('lldb', 'breakpoint set --name app::behaviour::inner'),
    {
      edit: { 'app/src/behaviour.rs': (text) => text.replace('count + 1', 'count * 2') },
      patched: { redirected: ['app::behaviour::inner'] },
    },
    stopsAt('one', 'one 40', async (debug, where) => {
      match(where, /let sum = count \* 2;/);
      match(await debug('bt 3'), /frame #0: .*behaviour::inner.*count=20.*\n.*frame #1: .*behaviour::outer/s);
      await debug('breakpoint delete');
    }),
  ],
};
