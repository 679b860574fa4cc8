export default {
  behaviour: 'The whole of it through `nx run app:hotpatch`: input, output, a patch, and the exit code.',
  via: 'nx',
  steps: [
    { ask: { abc: '1 7' } },
    { edit: 'after', patched: { redirected: ['leaf::double'] } },
    { ask: { abc: '2 10' } },
    { exits: { tell: 'leave', code: 7, task: 7 } },
  ],
};
