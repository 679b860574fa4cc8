export default {
  behaviour: 'A package with a library and a binary of the same name is patched in both.',
  steps: [
    { ask: { ann: 'hello ann' } },
    { edit: 'after', patched: { redirected: ['app::greeting'] } },
    { ask: { ann: 'good morning ann' } },
    {
      edit: 'after-binary',
      patched: { redirected: ['app::behaviour::Program::answer'] },
    },
    { ask: { ann: 'good morning ann!' } },
  ],
};
