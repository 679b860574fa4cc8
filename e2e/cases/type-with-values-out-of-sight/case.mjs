const grown = {
  'app/src/behaviour.rs': (text) =>
    text
      .replace('count: usize,', 'more: [u8; 64], count: usize,')
      .replace('Row { count:', 'Row { more: [1; 64], count:'),
};

const variant = (line, words) => ({
  steps: [
    { ask: { [line]: /./ } },
    {
      edit: grown,
      refused: {
        code: 'type-layout',
        words: new RegExp(`^app::behaviour::Row: .*\`more: \\[u8; 64\\]\` is new.*${words}`, 's'),
        only: true,
      },
    },
    { ask: { [line]: /./ } },
  ],
});

export default {
  behaviour:
    'A changed type of which values are alive in a frame or in an object is refused, and says where.',
  variants: {
    object: variant('object', '`<app::behaviour::Row as core::fmt::Display>::fmt`'),
    thread: variant('thread', '`app::behaviour::keep` is running'),
  },
};
