export default {
  behaviour: 'An edited function calls into parts of std that the program did not contain.',
  steps: [
    { ask: { abc: '1 7' } },
    {
      edit: 'after',
      patched: {
        redirected: ['leaf::double'],
        added: { includes: ['alloc::str::<impl str>::to_uppercase'] },
      },
    },
    { ask: { abc: '2 407' } },
  ],
};
