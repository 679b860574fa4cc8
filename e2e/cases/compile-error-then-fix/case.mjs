export default {
  behaviour: 'A compile error is shown while the program runs on; the fix is patched in.',
  steps: [
    { ask: { abc: '1 7' } },
    { edit: 'after', compileError: /cannot multiply `u32` by `&(?:'static )?str`/ },
    { ask: { abc: '2 7' } },
    { edit: 'after-fix', patched: { redirected: ['leaf::double'] } },
    { ask: { abc: '3 13' } },
  ],
};
