export default {
  behaviour: 'When the program exits, the task ends with its exit code.',
  steps: [{ ask: { a: '3' } }, { exits: { tell: 'leave', code: 7, task: 7 } }],
};
