export default {
  behaviour: 'An optimised build is patched where its functions are still functions.',
  options: { release: true },
  steps: [
    { ask: { abc: '1 7' } },
    { edit: 'after', patched: { redirected: ['leaf::double'] } },
    { ask: { abc: '2 91' } },
  ],
};
