export default {
  behaviour:
    'With --onRefused=keep a refused change leaves the program alone, and a later good one is patched in.',
  options: { onRefused: 'keep' },
  steps: [
    { ask: { a: '1', b: '2' } },
    { edit: 'after', refused: { code: 'type-layout', words: /State/, action: 'keep' } },
    { ask: { c: '3' } },
    {
      edit: 'after-back',
      patched: { redirected: ['app::behaviour::Program::answer'] },
    },
    { ask: { d: 'kept 4' } },
  ],
};
