export default {
  behaviour:
    'A linker that is told to fold equal functions keeps them apart, so that one of two is edited alone.',
  env: () => ({ RUSTFLAGS: '-Clink-arg=-Wl,--icf=all' }),
  steps: [
    { ask: { abc: '1 48049' } },
    {
      edit: { 'leaf/src/lib.rs': (text) => text.replace('left(4)', 'left(5)') },
      patched: { redirected: ['leaf::first'] },
    },
    { ask: { abc: '2 96049' } },
  ],
};
