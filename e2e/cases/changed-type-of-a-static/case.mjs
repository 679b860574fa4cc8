export default {
  behaviour:
    'A static of another type cannot hold the live value: refused by name, and the program restarted.',
  steps: [
    { ask: { a: '1', b: '2' } },
    { edit: 'after', refused: { code: 'static-layout', words: /app::behaviour::COUNTER/ } },
    { ask: { c: '1' } },
  ],
};
