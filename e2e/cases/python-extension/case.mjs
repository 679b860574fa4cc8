const redirected = ['extension::behaviour::reply'];
const added = ['extension::behaviour::joined'];
/** The initial value of the new thread-local. */
const initial = ['extension::behaviour::TWICE::{{constant}}::{{closure}}'];

const replace = (...pairs) => ({
  'extension/src/behaviour.rs': (text) => pairs.reduce((all, [from, to]) => all.replaceAll(from, to), text),
});

export default {
  behaviour:
    'A Python extension is patched inside the running interpreter: its statics and the thread-locals of each thread stay.',
  options: { args: ['python3', 'server.py'] },
  project: 'extension',
  needs: 'python3',
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
      // An order lives as long as one call: none is alive between two of them.
      edit: replace(
        ['number: u32,', 'number: u64,'],
        ['Order { number }', 'Order { number: number.into() }'],
        ['lines.len() < 5', 'lines.len() < 9'],
      ),
      patched: {
        redirected: ['extension::behaviour::answer', ...redirected],
        added: [],
        notes:
          /The layout of `extension::behaviour::Order` changed \(.*field `number` type u32 -> u64\), and no value of the old one was alive\./,
      },
      ask: { k: '11 6 a acehik 46', 'worker l': '12 6 a bdfgjl 46' },
    },
    {
      edit: replace(['AtomicU32', 'AtomicU64'], ['number.into()', 'number']),
      refused: { code: 'static-layout', words: /extension::behaviour::CALLS/ },
      ask: { m: '1 1 m m 42' },
    },
  ],
};
