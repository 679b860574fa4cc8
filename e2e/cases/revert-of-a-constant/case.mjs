const replace = (from, to) => ({ 'leaf/src/lib.rs': (text) => text.replace(from, to) });

export default {
  behaviour:
    'When read-only data is reverted, its readers in all crates run their original code, which reads the original.',
  steps: [
    { ask: { a: 'one two 5' } },
    {
      edit: replace('"one", "two"', '"first", "second"'),
      patched: { redirected: ['app::behaviour::Program::answer', 'leaf::first_name'] },
      ask: { a: 'first second 5' },
    },
    {
      edit: replace('"first", "second"', '"one", "two"'),
      patched: { restored: ['app::behaviour::Program::answer', 'leaf::first_name'] },
      ask: { a: 'one two 5' },
    },
    {
      edit: replace('"one", "two"', '"uno", "due"'),
      patched: { redirected: ['app::behaviour::Program::answer', 'leaf::first_name'] },
      ask: { a: 'uno due 5' },
    },
  ],
};
