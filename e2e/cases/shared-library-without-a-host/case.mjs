export default {
  behaviour:
    'A shared library without a program that loads it ends the task with a sentence that says what to add.',
  project: 'plugin',
  fails: { code: 1, words: /libplugin\.so is a shared library: say behind `--` which program loads it/ },
};
