export default {
  behaviour:
    'In an optimised build a function that becomes equal to another, so that both are one, is patched for its callers.',
  options: { release: true },
  steps: [
    { ask: { abc: '1 3' } },
    {
      edit: { 'leaf/src/lib.rs': (text) => text.replace('^ 6', '^ 5') },
      patched: { redirected: ['leaf::triple'] },
    },
    { ask: { abc: '2 0' } },
    {
      edit: { 'leaf/src/lib.rs': (text) => text.replace(/\^ 5(?![\s\S]*\^ 5)/, '^ 7') },
      patched: { redirected: ['leaf::triple'] },
    },
    { ask: { abc: '3 2' } },
  ],
};
