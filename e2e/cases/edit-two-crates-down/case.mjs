export default {
  behaviour: 'An edit in a library that only another library uses reaches the running program.',
  steps: [
    { ask: { abc: '1 7' } },
    { edit: 'after', patched: { redirected: ['leaf::double'] } },
    { ask: { abc: '2 57' } },
  ],
};
