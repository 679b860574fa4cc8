export default {
  behaviour: 'A boxed closure made before the patch runs the new body with the value it captured.',
  steps: [
    { ask: { a: '13' } },
    { edit: 'after', patched: { redirected: ['app::behaviour::rule::{{closure}}'] } },
    { ask: { a: '1012' } },
  ],
  variants: {
    "the compiler's own mangling": {},
    v0: { env: () => ({ RUSTFLAGS: '-Csymbol-mangling-version=v0' }) },
  },
};
