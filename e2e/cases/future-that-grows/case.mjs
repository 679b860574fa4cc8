export default {
  behaviour:
    'A future under way whose new version is laid out otherwise finishes on its old code; new ones use the new.',
  steps: [
    { ask: { a: 'pending' } },
    {
      edit: 'after',
      patched: {
        redirected: ['app::behaviour::begin'],
        added: { includes: ['app::behaviour::step::{{closure}}'] },
      },
    },
    { ask: { b: 'old 7' } },
    { ask: { c: 'pending', d: 'new 7 of [7, 8, 9]' } },
  ],
};
