export default {
  behaviour: 'An example of a package is run and patched with --example.',
  options: { example: 'small' },
  steps: [
    { ask: { abc: 'example 7' } },
    { edit: 'after', patched: { redirected: ['leaf::double'] } },
    { ask: { abc: 'example 91' } },
  ],
};
