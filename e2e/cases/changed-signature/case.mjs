export default {
  behaviour: 'A signature changes while the old function is reachable through a pointer: refused by name.',
  steps: [
    { ask: { a: '42' } },
    { edit: 'after', refused: { code: 'signature', words: /app::behaviour::rule/ } },
    { ask: { a: '0.5' } },
  ],
};
