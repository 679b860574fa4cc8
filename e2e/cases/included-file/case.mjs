export default {
  behaviour: 'A save of a file that is included as text is patched into the function that includes it.',
  steps: [
    { ask: { abc: '1 1007' } },
    { edit: 'after', patched: { redirected: ['leaf::double'] } },
    { ask: { abc: '2 1907' } },
  ],
};
