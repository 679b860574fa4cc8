export default {
  behaviour:
    'A changed type whose values the program keeps behind bare pointers is refused: nobody can say where they are.',
  steps: [
    { ask: { abc: '[3, 3]' } },
    {
      edit: {
        'app/src/behaviour.rs': (text) =>
          text
            .replace('count: usize,', 'more: [u64; 8], count: usize,')
            .replace('Row { count:', 'Row { more: [1; 8], count:'),
      },
      refused: {
        code: 'type-layout',
        words:
          /^app::behaviour::Row: .*`more: \[u64; 8\]` is new.* (The static `app::behaviour::SLOT` keeps|`app::behaviour::Program::answer` has to do with pointers)/s,
        only: true,
      },
    },
    { ask: { ab: '[2, 2]' } },
  ],
};
