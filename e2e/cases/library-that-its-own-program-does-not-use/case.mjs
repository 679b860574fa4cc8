const edit = (file, from, to) => ({ [`app/src/${file}`]: (text) => text.replace(from, to) });

export default {
  behaviour: 'A module that is in a program and in the library beside it is patched in the program.',
  options: { bin: 'app' },
  steps: [
    { ask: { abc: '1 7' } },
    {
      edit: edit('behaviour.rs', 'command.len() as u32', 'command.len() as u32 + 1'),
      patched: { redirected: ['app::behaviour::reply'] },
      ask: { abc: '2 9' },
    },
    { edit: edit('lib.rs', '{text}?', '{text}!'), unchanged: true },
    {
      edit: edit('shown.rs', 'answer.to_string()', 'app::marked(answer)'),
      patched: {
        // It uses the library's instances of generic functions from here on.
        redirected: { own: ['app::behaviour::Program::answer', 'app::shown::shown'] },
        added: { includes: ['app::marked'] },
      },
    },
    { ask: { abc: '3 9!' } },
  ],
};
