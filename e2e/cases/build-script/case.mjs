export default {
  behaviour: 'What a build script generates and sets is there in every later compile.',
  steps: [
    { ask: { a: '5 built' } },
    {
      edit: { 'app/src/behaviour.rs': (text) => text.replace('    NUMBER', '    NUMBER + 1') },
      patched: { redirected: ['app::behaviour::reply'] },
    },
    { ask: { a: '6 built' } },
  ],
};
