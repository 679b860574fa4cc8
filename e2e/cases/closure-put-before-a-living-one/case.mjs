export default {
  behaviour:
    'A closure written before living ones renumbers them; each living one keeps its own body and captures.',
  steps: [
    { ask: { a: 'plus 11, times 30' } },
    {
      edit: 'after',
      // `rules` makes the closures; those that live are nobody's to change.
      patched: { redirected: ['app::behaviour::rules'], added: ['app::behaviour::rules::{{closure}}'] },
    },
    { ask: { b: 'plus 12, times 60' } },
    { ask: { again: 'minus 7, plus 13, times 90' } },
  ],
  variants: {
    "the compiler's own mangling": {},
    v0: { env: () => ({ RUSTFLAGS: '-Csymbol-mangling-version=v0' }) },
  },
};
