export default {
  behaviour: 'A backtrace, also one after an earlier backtrace, names patched functions with file and line.',
  steps: [
    { ask: { a: 'innerbehaviour.rs:31:17 outerbehaviour.rs:17:17' } },
    { edit: 'after', patched: { redirected: ['app::behaviour::inner', 'app::behaviour::outer'] } },
    { ask: { a: 'innerbehaviour.rs:31:17 outerbehaviour.rs:17:17 patched' } },
  ],
};
