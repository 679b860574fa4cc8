export default {
  behaviour: 'A new thread-local has its first value in every thread, the running and the coming ones.',
  steps: [
    { ask: { main: '2', thread: '2' } },
    {
      edit: 'after',
      patched: {
        redirected: ['app::behaviour::counted'],
        added: ['app::behaviour::NEW::{{constant}}::{{closure}}'],
      },
    },
    { ask: { main: '3 42', thread: '2 42' } },
    { ask: { main: '4 43' } },
  ],
};
