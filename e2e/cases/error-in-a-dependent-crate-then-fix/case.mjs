export default {
  behaviour: 'A library compiles, its user does not: after the fix the changes of both crates are live.',
  steps: [
    { ask: { abcd: '1 9' } },
    { edit: 'after', compileError: /cannot find function `halved`/ },
    { ask: { abcd: '2 9' } },
    { edit: 'after-fix', patched: { redirected: ['leaf::double', 'mid::price'], added: ['leaf::half'] } },
    { ask: { abcd: '3 22' } },
  ],
};
