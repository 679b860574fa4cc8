export default {
  behaviour:
    'A field added to a type of which values are alive is refused by name, and the program restarted.',
  steps: [
    { ask: { a: '1', b: '2' } },
    { edit: 'after', refused: { code: 'type-layout', words: /app::behaviour::State.*`?limit`?/s } },
    { ask: { a: '1 of 9' } },
  ],
};
