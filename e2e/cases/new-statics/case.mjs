const replace = (from, to) => ({
  'app/src/behaviour.rs': (text) => text.replace(from, to),
});

export default {
  behaviour:
    'New statics, also in generic functions and closures, begin with their first value and keep what they hold after that.',
  steps: [
    { ask: { a: 'none' } },
    {
      edit: 'after',
      patched: {
        redirected: ['app::behaviour::counted'],
        added: [
          'app::behaviour::next',
          'app::behaviour::of',
          'app::behaviour::of',
          'app::behaviour::counted::{{closure}}',
        ],
      },
    },
    { ask: { a: '1 41 61 62 81', b: '2 42 63 64 82' } },
    {
      edit: replace('next(&SHARED)', 'next(&SHARED) * 10'),
      patched: { redirected: ['app::behaviour::of', 'app::behaviour::of'] },
    },
    { ask: { a: '3 43 650 660 83' } },
    {
      edit: replace('next(&INNER)', 'next(&INNER) * 10'),
      patched: { redirected: ['app::behaviour::counted::{{closure}}'] },
    },
    { ask: { a: '4 44 670 680 840' } },
    {
      edit: replace('AtomicU32::new(80)', 'AtomicU32::new(7)'),
      unchanged: {
        notes:
          /^`app::behaviour::counted::\{(\{closure\}|closure#0)\}::INNER` keeps its live value; its new initial value applies after a restart\.$/,
      },
    },
    { ask: { a: '5 45 690 700 850' } },
  ],
};
