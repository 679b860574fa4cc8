const edit = (file, from, to) => ({ [file]: (text) => text.replace(from, to) });

export default {
  behaviour:
    'A proc macro is used in every compile; a change of it, or of what it is made from, is a change of the build.',
  steps: [
    { ask: { abc: '1 16' } },
    { edit: edit('leaf/src/lib.rs', '!()', '!() * 10'), patched: { redirected: ['leaf::double'] } },
    { ask: { abc: '2 151' } },
    {
      edit: edit('macros/src/lib.rs', '"5"', '"6"'),
      refused: { code: 'manifest-changed', words: /macros/ },
    },
    { ask: { abc: '1 181' } },
    // The program depends on this one too. cargo compiles it once for both.
    {
      edit: edit('numbers/src/lib.rs', '"{of}"', '"{of}0"'),
      refused: { code: 'manifest-changed', words: /numbers/ },
    },
    { ask: { abc: '1 1801' } },
    // It stays so when the program calls into it.
    { edit: edit('names/src/lib.rs', '"name"', '"other"'), unchanged: true },
    {
      edit: edit('leaf/src/lib.rs', '* 10', '* 10 + names::name().len() as u32'),
      patched: {
        redirected: { own: ['app::main', 'leaf::double'] },
        added: { includes: ['names::name', 'numbers::text'] },
      },
    },
    { ask: { abc: '2 1807' } },
    {
      edit: edit('numbers/src/lib.rs', '"{of}0"', '"{of}"'),
      refused: { code: 'manifest-changed', words: /numbers/ },
    },
    { ask: { abc: '1 186' } },
  ],
};
