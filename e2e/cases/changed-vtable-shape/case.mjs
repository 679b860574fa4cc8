export default {
  behaviour:
    'A method added to a trait of which objects are alive is refused by name: their old vtables lack it.',
  steps: [
    { ask: { a: '9' } },
    {
      edit: 'after',
      refused: { code: 'vtable-shape', words: /app::behaviour::Square.*app::behaviour::Shape/ },
    },
    { ask: { a: 'square 9' } },
  ],
};
