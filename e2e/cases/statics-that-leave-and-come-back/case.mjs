const redirected = ['app::behaviour::Program::answer'];

/** `access`: what `thread_local!` makes for its static, of another type in the end. */
const steps = (access) => [
  { ask: { a: 'first 10 20 2' } },
  { ask: { a: 'first 11 21 2' } },
  { edit: 'without', patched: { redirected } },
  { ask: { a: 'empty 1 2 3' } },
  // The same statics: the program goes on with them. A constant is what the source says.
  { edit: 'again', patched: { redirected } },
  { ask: { a: 'again 12 22 8' } },
  { edit: 'without', patched: { redirected } },
  // Statics of other types: others, whatever their symbols.
  { edit: 'others', patched: { redirected, added: [access] } },
  { ask: { a: 'other 400 800 5' } },
  { ask: { a: 'other 401 801 5' } },
];

export default {
  behaviour:
    'What one save removes and a later one brings back keeps its live value if it is the same, and starts anew if it is another.',
  variants: {
    // The symbol of a static tells its type with legacy mangling, and nothing of it in v0.
    legacy: { steps: steps('app::behaviour::ASKED::{{constant}}::{{closure}}') },
    v0: {
      env: () => ({ RUSTFLAGS: '-Csymbol-mangling-version=v0' }),
      steps: steps('app::behaviour::ASKED::{constant#0}::{closure#0}'),
    },
  },
};
