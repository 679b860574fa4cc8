export default {
  behaviour: 'An edited function calls into a third-party crate of which the program contained nothing.',
  steps: [
    { ask: { abc: '1 7' } },
    {
      edit: 'after',
      patched: {
        redirected: ['leaf::double'],
        added: { includes: ['humantime::duration::format_duration'] },
      },
    },
    // "3s" has two characters.
    { ask: { abc: '2 207' } },
  ],
};
