export default {
  behaviour: 'A stripped image, of which nobody can know where its functions are, is refused with a remedy.',
  fails: { code: 1, words: /stripped/i },
};
