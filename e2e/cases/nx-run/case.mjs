export default {
  behaviour: 'The whole of it through `nx run app:hotpatch`: input, output, a patch, and the exit.',
  via: 'nx',
  steps: [
    { ask: { abc: '1 7' } },
    { edit: 'after', patched: { redirected: ['leaf::double'] } },
    { ask: { abc: '2 10' } },
    // Nx itself ends with 1, whatever the code of a failed task was.
    { exits: { tell: 'leave', code: 7, task: 1 } },
  ],
};
