const replace = (from, to) => ({ 'leaf/src/lib.rs': (text) => text.replace(from, to) });

export default {
  behaviour:
    'After an edit of a constant or of read-only data every reader sees the new value, in every crate.',
  steps: [
    { ask: { a: 'one two 5' } },
    {
      edit: replace('u32 = 2', 'u32 = 3'),
      patched: { redirected: ['app::behaviour::Program::answer', 'leaf::double'] },
    },
    { ask: { a: 'one two 10' } },
    {
      edit: replace('"one", "two"', '"first", "second"'),
      patched: { redirected: ['app::behaviour::Program::answer', 'leaf::first_name'] },
    },
    { ask: { a: 'first second 10' } },
  ],
};
