const lib = 'leaf/src/lib.rs';

export default {
  behaviour:
    'A library of generics alone, whose object is empty and says nothing of types, gains its first code and loses it again.',
  steps: [
    { ask: { abc: '1 7' } },
    {
      edit: {
        [lib]: (text) => `${text}\npub fn halve(amount: u32) -> u32 {\n    amount / 2\n}\n`,
        'mid/src/lib.rs': (text) => text.replace('leaf::double(amount)', 'leaf::halve(leaf::double(amount))'),
      },
      patched: { redirected: ['mid::price'], added: ['leaf::halve'] },
    },
    { ask: { abc: '2 4' } },
    {
      edit: {
        [lib]: (text) => text.replace(/\npub fn halve[\s\S]*/, ''),
        'mid/src/lib.rs': (text) => text.replace('leaf::halve(leaf::double(amount))', 'leaf::double(amount)'),
      },
      patched: { restored: ['mid::price'] },
    },
    { ask: { abc: '3 7' } },
  ],
};
