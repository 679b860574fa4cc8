export default {
  behaviour:
    'A file that is no more part of the program takes its unit along, and one that comes back is edited like any other.',
  steps: [
    { ask: { abc: '107' } },
    { edit: 'after-it-left', patched: { redirected: ['leaf::double'] } },
    { ask: { abc: '10' } },
    // The units of the other crates find their way without the one that is gone.
    {
      edit: { 'mid/src/lib.rs': (text) => text.replace('+ 1', '+ 5') },
      patched: { redirected: ['mid::price'] },
    },
    { ask: { abc: '14' } },
    { edit: 'after-it-came-back', patched: { redirected: ['leaf::double'] } },
    { ask: { abc: '117' } },
    {
      edit: { 'leaf/src/fees.rs': (text) => text.replace(/ {4}10/, '    30') },
      patched: { redirected: ['leaf::fees::rate'] },
    },
    { ask: { abc: '317' } },
  ],
};
