export default {
  behaviour: 'A stripped image, of which nobody can know where its functions are, is refused with a remedy.',
  options: { onRefused: 'keep' },
  steps: [
    { ask: { abc: '1 7' } },
    {
      edit: { 'leaf/src/lib.rs': (text) => text.replace('* 2', '* 3') },
      refused: { code: 'stripped-image', words: /stripped/i, action: 'keep' },
    },
    { ask: { abc: '2 7' } },
  ],
};
