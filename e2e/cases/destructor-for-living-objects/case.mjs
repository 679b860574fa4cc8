export default {
  behaviour:
    'A destructor for a type of which boxed objects are alive is refused: their vtables do not call it.',
  steps: [
    { ask: { a: 'plain' } },
    {
      edit: {
        'app/src/behaviour.rs': (text) =>
          `${text}\nimpl Drop for Plain {\n    fn drop(&mut self) {\n        println!("gone");\n    }\n}\n`,
      },
      refused: { code: 'vtable-shape', words: /app::behaviour::Plain.*need to be dropped/ },
    },
    { ask: { b: 'plain' } },
  ],
};
