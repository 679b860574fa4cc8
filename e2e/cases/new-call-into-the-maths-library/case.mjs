export default {
  behaviour: 'An edited function begins to call the maths library, of which the program needed nothing.',
  steps: [
    { ask: { abc: '1 7' } },
    { edit: 'after', patched: { redirected: ['leaf::double'] } },
    // The cube of the text's length, and one.
    { ask: { abc: '2 28' } },
  ],
};
