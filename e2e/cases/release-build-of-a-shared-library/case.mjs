const edit = (from, to) => ({ 'plugin/src/lib.rs': (text) => text.replace(from, to) });
const redirected = ['plugin::sum'];

export default {
  behaviour: 'Optimised code of a shared library finds old and new thread-locals of each thread.',
  needs: 'python3',
  project: 'plugin',
  options: { release: true, args: ['python3', 'host.py'] },
  steps: [
    { ask: { a: '11', 'thread a': '11', 'thread b': '22' } },
    {
      edit: edit('ONES.get() + TENS.get()', 'TENS.get() * 100 + ONES.get() * 2'),
      patched: { redirected },
      ask: { b: '2004', 'thread c': '3006' },
    },
    {
      edit: (() => {
        const declared = 'thread_local! {\n    static HUNDREDS: Cell<u32> = const { Cell::new(500) };\n';
        return {
          'plugin/src/lib.rs': (text) =>
            text
              .replace('thread_local! {\n', declared)
              .replace(
                'TENS.get() * 100',
                'HUNDREDS.set(HUNDREDS.get() + 100);\n    HUNDREDS.get() + TENS.get()',
              ),
        };
      })(),
      patched: { redirected },
      ask: { c: '636', 'thread d': '648', 'thread e': '760' },
    },
  ],
};
