const app = (from, to) => ({ 'app/src/behaviour.rs': (text) => text.replace(from, to) });

export default {
  behaviour:
    'With the first call into a crate comes what its build script compiled from C, and what lies outside of the workspace.',
  steps: [
    { ask: { abc: '1 7' } },
    {
      edit: app('reply(command))', 'extra::next())'),
      patched: {
        redirected: { own: ['app::behaviour::Program::answer'] },
        added: { includes: ['extra::next', 'counter_next', 'outside::calls'] },
      },
    },
    { ask: { a: '2 41 1', b: '3 42 2' } },
    // Later patches have the same counter.
    {
      edit: {
        'extra/src/lib.rs': (text) =>
          text.replace('{} {}"', '{} {} {}"').replace('::calls()', '::calls(), peek()'),
      },
      // app used the crate's instance of a generic function, which is another one now.
      patched: {
        redirected: ['app::behaviour::Program::answer', 'extra::next'],
        added: { includes: ['extra::peek'] },
      },
    },
    { ask: { a: '4 43 3 43' } },
  ],
};
