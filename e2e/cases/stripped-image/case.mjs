export default {
  behaviour:
    'A stripped image, of which nobody can know where its functions are, is refused before it is started.',
  fails: { code: 1, words: /stripped.*Link it without options that strip it/s },
};
