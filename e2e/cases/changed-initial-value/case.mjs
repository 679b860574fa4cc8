export default {
  behaviour: 'A static whose initial value was edited keeps its live value, and the session says so.',
  steps: [
    { ask: { a: '1', b: '2' } },
    {
      edit: 'after',
      patched: {
        redirected: ['app::behaviour::counted'],
        notes: /app::behaviour::COUNTER.*keeps its live value/,
      },
    },
    { ask: { c: '3 counted' } },
  ],
};
