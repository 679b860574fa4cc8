export default {
  behaviour:
    'In an optimised build an edit of an inlined function reaches every function that it was inlined into.',
  options: { profile: 'release' },
  steps: [
    { ask: { abc: '1 7' } },
    {
      edit: { 'leaf/src/lib.rs': (text) => text.replace('amount * 2', 'amount * 30') },
      patched: { redirected: ['mid::price'] },
    },
    { ask: { abc: '2 91' } },
  ],
};
