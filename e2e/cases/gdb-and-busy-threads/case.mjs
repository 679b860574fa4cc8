import { match } from 'node:assert/strict';
import { attach } from '../../harness/debugged.mjs';

export default {
  behaviour: 'In gdb, functions that eight threads run are replaced without a stop in the debugger.',
  needs: 'gdb',
  steps: [
    attach('gdb'),
    {
      repeat: 5,
      edit: {
        'app/src/behaviour.rs': (text, round) =>
          text.replace(/(fn generation\(\) -> u32 \{\s+)\d+/, `$1${round + 1}`),
      },
      patched: { redirected: ['app::behaviour::generation'] },
    },
    { ask: { a: 'generation 5, backwards 0' } },
    {
      // The first stop is the one that is asked for here.
      run: async ({ debugger: gdb }) => {
        gdb.interrupt();
        match(await gdb.stopped(), /received signal SIGINT/);
      },
    },
  ],
};
