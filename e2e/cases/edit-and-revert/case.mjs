export default {
  behaviour:
    'An edit that is taken back in the source gives the original code back, without new code, as often as one likes.',
  steps: [
    { ask: { abc: '1 7' } },
    { edit: 'after', patched: { redirected: ['leaf::double'] } },
    { ask: { abc: '2 10' } },
    { edit: 'after-revert', patched: { restored: ['leaf::double'] } },
    { ask: { abc: '3 7' } },
    { edit: 'after', patched: { redirected: ['leaf::double'] } },
    { ask: { abc: '4 10' } },
    { edit: 'after-revert', patched: { restored: ['leaf::double'] } },
    { ask: { abc: '5 7' } },
  ],
};
