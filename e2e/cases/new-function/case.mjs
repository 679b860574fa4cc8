export default {
  behaviour: 'A function that did not exist before is called by an edited one.',
  steps: [
    { ask: { abc: '1 7' } },
    { edit: 'after', patched: { redirected: ['leaf::double'], added: ['leaf::fee'] } },
    { ask: { abc: '2 307' } },
  ],
};
