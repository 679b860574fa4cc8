import { deepStrictEqual } from 'node:assert/strict';

export default {
  behaviour: 'SIGINT to `nx run` ends the program and leaves no process and no socket.',
  via: 'nx',
  steps: [
    { edit: 'after', patched: { redirected: ['leaf::double'] } },
    {
      run: async ({ task }) => {
        await task.interrupt('SIGINT');
        deepStrictEqual(await task.leftovers(), []);
      },
    },
  ],
};
