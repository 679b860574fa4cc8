export default {
  behaviour:
    'A crate that is a shared library besides is built anew for its program, which is patched in its own code.',
  options: { bin: 'app' },
  steps: [
    { ask: { ann: 'hello ann!' } },
    {
      edit: { 'app/src/behaviour.rs': (text) => text.replace('{}!', '{}?') },
      patched: { redirected: ['app::behaviour::Program::answer'] },
      ask: { ann: 'hello ann?' },
    },
    {
      edit: { 'app/src/lib.rs': (text) => text.replace('hello', 'good morning') },
      refused: { code: 'manifest-changed', words: /lib\.rs/ },
      ask: { ann: 'good morning ann?' },
    },
  ],
};
