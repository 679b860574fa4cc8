import { deepStrictEqual, ok } from 'node:assert/strict';
import { alive } from '../../harness/task.mjs';

export default {
  behaviour: 'SIGINT ends the program and leaves no process, no socket and no temporary file.',
  steps: [
    { ask: { abc: '1 7' } },
    { edit: 'after', patched: { redirected: ['leaf::double'] } },
    {
      run: async ({ task }) => {
        const [pid] = task.pids;
        ok(alive(pid));
        ok((await task.leftovers()).length > 1, 'while it runs there is a socket');
        await task.interrupt('SIGINT');
        deepStrictEqual(await task.leftovers(), []);
      },
    },
  ],
};
