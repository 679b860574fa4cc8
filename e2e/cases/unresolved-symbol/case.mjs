export default {
  behaviour:
    'A symbol that is found nowhere is named with who wants it; as cargo cannot link it either, the program stays.',
  options: { onRefused: 'keep' },
  steps: [
    { ask: { abc: '1 7' } },
    {
      edit: 'after',
      refused: {
        code: 'unresolved-symbol',
        words: /nobody_has_this_function.*leaf::double/s,
        action: 'keep',
      },
    },
    { ask: { abc: '2 7' } },
    { edit: 'after-fix', patched: { redirected: ['leaf::double'] } },
    { ask: { abc: '3 22' } },
  ],
};
