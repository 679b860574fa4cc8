const inLeaf = (factor) => ({ 'leaf/src/lib.rs': (text) => text.replace(/\* \d+/, `* ${factor}`) });
const inMid = (more) => ({ 'mid/src/lib.rs': (text) => text.replace(/\+ \d+/, `+ ${more}`) });

export default {
  behaviour:
    'A function that is reverted gets its original code, while one that is edited in the same save gets new code.',
  steps: [
    { ask: { abc: '1 7' } },
    {
      edit: { ...inLeaf(3), ...inMid(2) },
      patched: { redirected: ['leaf::double', 'mid::price'] },
      ask: { abc: '2 11' },
    },
    {
      edit: { ...inLeaf(2), ...inMid(4) },
      patched: { redirected: ['mid::price'], restored: ['leaf::double'] },
      ask: { abc: '3 10' },
    },
    { edit: inMid(1), patched: { restored: ['mid::price'] }, ask: { abc: '4 7' } },
  ],
};
