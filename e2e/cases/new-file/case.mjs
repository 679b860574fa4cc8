export default {
  behaviour: 'A file added with `mod` is part of the program, and later edits of it are seen.',
  steps: [
    { ask: { abc: '1 7' } },
    { edit: 'after', patched: { redirected: ['leaf::double'], added: ['leaf::fees::fee'] } },
    { ask: { abc: '2 307' } },
    { edit: 'after-in-it', patched: { redirected: ['leaf::fees::fee'] } },
    { ask: { abc: '3 607' } },
  ],
};
