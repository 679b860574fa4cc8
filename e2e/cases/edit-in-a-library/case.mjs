export default {
  behaviour: 'An edit in a library of the workspace reaches the running program.',
  steps: [
    { ask: { abc: '1 7' } },
    { edit: 'after', patched: { redirected: ['mid::price'] } },
    { ask: { abc: '2 1006' } },
  ],
};
