export default {
  behaviour: 'A crate that does not build ends the task with what rustc says about it.',
  fails: { code: 1, words: /cannot multiply `u32` by `&str`/ },
};
