export default {
  behaviour:
    'A field added to a type of which values are alive is refused by name, and the program restarted.',
  steps: [
    { ask: { a: '1', b: '2' } },
    {
      edit: 'after',
      refused: {
        code: 'type-layout',
        // `Program` grows because it holds a `State`: that is no reason of its own.
        words: /^app::behaviour::State: .*`limit: u64` is new.* also inside of `app::behaviour::Program`\./s,
        only: true,
      },
    },
    { ask: { a: '1 of 9' } },
  ],
};
