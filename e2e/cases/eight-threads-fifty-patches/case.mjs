export default {
  behaviour: 'Eight threads call a function without pause while it is patched fifty times.',
  steps: [
    { ask: { a: 'generation 0, backwards 0' } },
    {
      repeat: 50,
      edit: {
        'app/src/behaviour.rs': (text, round) =>
          text.replace(/(fn generation\(\) -> u32 \{\s+)\d+/, `$1${round + 1}`),
      },
      patched: { redirected: ['app::behaviour::generation'] },
    },
    { ask: { a: 'generation 50, backwards 0' } },
  ],
};
