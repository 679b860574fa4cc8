import { match } from 'node:assert/strict';

export default {
  behaviour:
    'A restart is asked for and the build fails: the old program runs on until a save that builds restarts it.',
  steps: [
    { ask: { abc: '1 7' } },
    { edit: 'after' },
    {
      run: async ({ task }) => {
        const event = await task.event('refused', 'patched');
        match(JSON.stringify(event.reasons), /nobody_has_this_function/);
        await task.event('compile-error', 'refused');
      },
    },
    { ask: { abc: '2 7' } },
    { edit: 'after-fix', restarted: true },
    { ask: { abc: '1 22' } },
  ],
};
