const file = 'app/src/behaviour.rs';
const poll = 'app::behaviour::Task::poll';

export default {
  behaviour:
    'Wakers are compared by their table of functions: those of a patched function wake as those of unpatched ones, unless they do something else.',
  steps: [
    { ask: { abc: 'same same' } },
    {
      edit: { [file]: (text) => text.replace('shown.len()', 'shown.is_empty()') },
      patched: { redirected: [poll] },
    },
    { ask: { abc: 'same same' } },
    // One of the table's own functions.
    {
      edit: {
        [file]: (text) =>
          text.replace(
            'wake(_: *const ()) {}',
            'wake(_: *const ()) {\n        std::hint::black_box(1);\n    }',
          ),
      },
      patched: { redirected: ['app::behaviour::Task::wake'] },
    },
    { ask: { abc: 'same same' } },
    // Old wakers keep the old table, which has another function.
    {
      edit: {
        [file]: (text) => text.replaceAll('Self::clone', 'Self::again').replace('fn clone', 'fn again'),
      },
      patched: { redirected: [poll], added: ['app::behaviour::Task::again'] },
    },
    { ask: { abc: 'same other' } },
  ],
};
