export default {
  behaviour: 'An edit in the binary crate reaches the running program, which keeps its count.',
  steps: [
    { ask: { abc: '1 7' } },
    { edit: 'after', patched: { redirected: ['app::behaviour::reply'] } },
    { ask: { abc: '2 107' } },
  ],
};
