const replace = (from, to) => ({ 'app/src/behaviour.rs': (text) => text.replace(from, to) });

export default {
  behaviour:
    'Statics inside of generic functions and of closures keep their values, and new ones beside them begin with their first value.',
  steps: [
    { ask: { a: '11 12 21', b: '13 14 22' } },
    {
      edit: replace('next(&SHARED)', 'next(&SHARED) * 100'),
      patched: { redirected: ['app::behaviour::of', 'app::behaviour::of'] },
    },
    { ask: { a: '1500 1600 23' } },
    {
      edit: replace('next(&INNER)', 'next(&INNER) * 100'),
      patched: { redirected: ['app::behaviour::counted::{{closure}}'] },
    },
    { ask: { a: '1700 1800 2400' } },
    {
      edit: replace(
        'next(&SHARED) * 100',
        '{\n        static BESIDE: AtomicU32 = AtomicU32::new(0);\n        next(&SHARED) * 100 + next(&BESIDE)\n    }',
      ),
      patched: { redirected: ['app::behaviour::of', 'app::behaviour::of'] },
    },
    { ask: { a: '1901 2002 2500' } },
    {
      edit: replace(
        'next(&INNER) * 100',
        '{\n            static NEAR: AtomicU32 = AtomicU32::new(5);\n            next(&INNER) * 100 + next(&NEAR)\n        }',
      ),
      patched: { redirected: ['app::behaviour::counted::{{closure}}'] },
    },
    { ask: { a: '2103 2204 2606', b: '2305 2406 2707' } },
    {
      edit: replace('of("a")', "of('a')"),
      patched: { redirected: ['app::behaviour::counted'], added: ['app::behaviour::of'] },
    },
    { ask: { a: '2507 2608 2808' } },
  ],
};
