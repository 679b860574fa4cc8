export default {
  behaviour: 'A proc macro is used in every compile; a change of it is a change of the build.',
  steps: [
    { ask: { abc: '1 16' } },
    {
      edit: { 'leaf/src/lib.rs': (text) => text.replace('!()', '!() * 10') },
      patched: { redirected: ['leaf::double'] },
    },
    { ask: { abc: '2 151' } },
    {
      edit: { 'macros/src/lib.rs': (text) => text.replace('"5"', '"6"') },
      refused: { code: 'manifest-changed', words: /macros/ },
    },
    { ask: { abc: '1 181' } },
  ],
};
