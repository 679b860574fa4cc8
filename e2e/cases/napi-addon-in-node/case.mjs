const file = 'addon/src/behaviour.rs';
const redirected = ['addon::behaviour::reply'];
const added = ['addon::behaviour::joined'];
/** The initial value of the new thread-local. */
const initial = ['addon::behaviour::TWICE::{{constant}}::{{closure}}'];

export default {
  behaviour:
    'A napi addon is patched inside the running Node server: its statics and the thread-locals of each thread stay.',
  // napi 3.
  needsRustc: 88,
  options: { args: ['node', 'server.js'] },
  project: 'addon',
  steps: [
    { ask: { a: 'order 1', 'worker b': 'order 2' } },
    { edit: 'after', patched: { redirected, added }, ask: { c: '3 2 a ac', 'worker d': '4 2 a bd' } },
    {
      edit: 'after-new-thread-local',
      patched: { redirected, added: initial },
      ask: { e: '5 3 a ace 42', 'worker f': '6 3 a bdf 42', 'worker g': '7 4 a bdfg 44' },
    },
    {
      edit: 'after-panic',
      patched: { redirected, added: [] },
      ask: { h: '8 4 a aceh 44', i: /^caught .*too many for a/, 'worker j': /^caught .*too many for a/ },
    },
    {
      edit: {
        [file]: (text) =>
          text
            .replace('number: u32,', 'number: u64,')
            .replace('Order { number }', 'Order { number: number.into() }'),
      },
      refused: { code: 'type-layout', words: /Order/ },
      ask: { k: '1 1 k k 42' },
    },
  ],
};
