export default {
  behaviour: 'A panic raised in patched code runs its destructors and is caught by old code.',
  steps: [
    { ask: { a: 'calm' } },
    { edit: 'after', patched: { redirected: ['app::behaviour::risky'] } },
    { ask: { a: 'caught out of patched code, dropped 2', b: 'caught out of patched code, dropped 3' } },
  ],
};
