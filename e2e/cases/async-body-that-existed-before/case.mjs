export default {
  behaviour: 'A future that is under way goes on with the new body from where it stands.',
  steps: [
    { ask: { a: 'pending 1' } },
    { edit: 'after', patched: { redirected: ['app::behaviour::count::{{closure}}'] } },
    { ask: { b: 'pending 200', c: 'new end' } },
  ],
};
