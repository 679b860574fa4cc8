export default {
  behaviour: 'A changed build script is a change of the build: built anew and restarted, with the reason.',
  steps: [
    { ask: { a: '5 built' } },
    {
      edit: { 'app/build.rs': (text) => text.replace('u32 = 5', 'u32 = 6') },
      refused: { code: 'manifest-changed', words: /build\.rs/ },
    },
    { ask: { a: '6 built' } },
    {
      edit: { 'app/src/behaviour.rs': (text) => text.replace('    NUMBER', '    NUMBER + 1') },
      patched: { redirected: ['app::behaviour::reply'] },
    },
    { ask: { a: '7 built' } },
  ],
};
