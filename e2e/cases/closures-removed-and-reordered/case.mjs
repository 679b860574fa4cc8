const file = 'app/src/behaviour.rs';
const line = (start) => new RegExp(`        Box::new\\(move \\|x\\| format!\\("${start}.*\\n`);

/** Takes `times` out and puts `minus` first. */
function reordered(text) {
  const [minus] = line('minus').exec(text);
  return text.replace(line('times'), '').replace(line('minus'), '').replace('vec![\n', `vec![\n${minus}`);
}

export default {
  behaviour:
    'Closures are removed and change places among others that live: each living one keeps its body and captures.',
  steps: [
    { ask: { a: 'plus 11, times 30, long 1m, minus 9' } },
    {
      edit: { [file]: (text) => reordered(text) },
      patched: { redirected: ['app::behaviour::rules'] },
    },
    { ask: { more: 'plus 12, times 60, long 2m, minus 8, minus 98, plus 102, long 2m' } },
    {
      edit: { [file]: (text) => text.replace('long {x}', 'length {x}') },
      // `long`, of both times.
      patched: { redirected: ['app::behaviour::rules::{{closure}}'] },
    },
    { ask: { a: 'plus 13, times 90, length 3m, minus 7, minus 97, plus 103, length 3m' } },
  ],
  variants: {
    "the compiler's own mangling": {},
    v0: { env: () => ({ RUSTFLAGS: '-Csymbol-mangling-version=v0' }) },
  },
};
