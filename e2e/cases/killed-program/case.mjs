import { deepStrictEqual, strictEqual } from 'node:assert/strict';

export default {
  behaviour:
    'A program that is killed ends the task with 128 + 9, as a shell says it, and what is known is told.',
  steps: [
    { ask: { abc: '1 7' } },
    {
      edit: { 'leaf/src/lib.rs': (text) => text.replace('amount * 2', 'amount * 3') },
      patched: { redirected: ['leaf::double'] },
    },
    { run: ({ task }) => process.kill(task.pids.at(-1), 'SIGKILL') },
    {
      async run({ task }) {
        const { signal, where, patch, frames, folder } = await task.event('crashed');
        deepStrictEqual(
          { signal, where, patch, frames },
          { signal: 'SIGKILL', where: 'unknown', patch: null, frames: [] },
        );
        strictEqual(typeof folder, 'string');
      },
    },
    { exits: { signal: 'SIGKILL', task: 137 } },
  ],
};
