export default {
  behaviour:
    'Of a function that several units hold a copy of each, every copy is redirected, also for pointers from before.',
  steps: [
    { ask: { abc: '6 6 6' } },
    {
      edit: { 'leaf/src/lib.rs': (text) => text.replace(/\* 2(?![\s\S]*\* 2)/, '* 50') },
      // One name, told once; the answers show that it was all three.
      patched: { redirected: ['leaf::twice'] },
    },
    { ask: { abc: '150 150 150' } },
    // One unit alone is compiled anew and gives its copy up; the pointer to that one follows all the same.
    {
      edit: { 'app/src/behaviour/left.rs': (text) => text.replace('leaf::twice', '|amount| amount') },
      patched: {
        redirected: ['app::behaviour::left::copy'],
        added: ['app::behaviour::left::copy::{{closure}}'],
      },
    },
    { ask: { abc: '150 150 150' } },
    {
      edit: { 'leaf/src/lib.rs': (text) => text.replace('* 50', '* 7') },
      patched: { redirected: ['leaf::twice'] },
    },
    { ask: { abc: '21 21 21' } },
  ],
};
