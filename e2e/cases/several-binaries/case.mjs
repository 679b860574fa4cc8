export default {
  behaviour: 'One of several binaries of a package is chosen with --bin.',
  options: { bin: 'second' },
  steps: [
    { ask: { abc: 'second 7' } },
    { edit: 'after', patched: { redirected: ['leaf::double'] } },
    { ask: { abc: 'second 91' } },
  ],
};
