export default {
  behaviour:
    'A route that was made of an async handler makes new futures when the handler keeps more across an await; old ones finish, or are dropped, by old code.',
  steps: [
    { ask: { itself: 'pending' } },
    { ask: { pointer: 'pending' } },
    { ask: { itself: 'pending' } },
    {
      edit: 'after',
      patched: {
        redirected: ['<app::behaviour::Handled<H> as app::behaviour::Route>::call', 'app::behaviour::start'],
        added: { includes: ['app::behaviour::hello::{{closure}}'] },
      },
    },
    // Futures from before the patch end as they began.
    { ask: { go: 'old 1', drop: '1 tokens live' } },
    { ask: { itself: 'pending' } },
    { ask: { drop: '2 tokens live', go: 'new 1 11 of [1, 2, 3]' } },
    // A pointer from before leads to the handler of before.
    { ask: { pointer: 'pending', go: 'old 2' } },
  ],
};
