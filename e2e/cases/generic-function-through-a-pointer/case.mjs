const shown = 'app::behaviour::shown';

export default {
  behaviour: 'Every instance of a generic function is patched, and old pointers reach them.',
  steps: [
    { ask: { a: '#1 #2' } },
    { edit: 'after', patched: { redirected: [shown, shown] } },
    { ask: { a: 'no. 1 no. 2' } },
  ],
};
