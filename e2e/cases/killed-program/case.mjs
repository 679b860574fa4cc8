export default {
  behaviour: 'A program that is killed ends the task with 128 + 9, as a shell says it.',
  steps: [
    { ask: { abc: '1 7' } },
    { run: ({ task }) => process.kill(task.pids.at(-1), 'SIGKILL') },
    { exits: { signal: 'SIGKILL', task: 137 } },
  ],
};
