export default {
  behaviour: 'A changed Cargo.toml is a change of the build: built anew and restarted, with the reason.',
  steps: [
    { ask: { abc: '0.1.0 7' } },
    {
      edit: { 'app/Cargo.toml': (text) => text.replace('0.1.0', '0.2.0') },
      refused: { code: 'manifest-changed', words: /Cargo\.toml/ },
    },
    { ask: { abc: '0.2.0 7' } },
    {
      edit: { 'leaf/src/lib.rs': (text) => text.replace('* 2', '* 3') },
      patched: { redirected: ['leaf::double'] },
    },
    { ask: { abc: '0.2.0 10' } },
  ],
};
