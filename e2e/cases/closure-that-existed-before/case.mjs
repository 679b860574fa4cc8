export default {
  behaviour: 'A boxed closure made before the patch runs the new body with the value it captured.',
  steps: [
    { ask: { a: '13' } },
    { edit: 'after', patched: { redirected: ['app::behaviour::rule::{{closure}}'] } },
    { ask: { a: '1012' } },
  ],
};
