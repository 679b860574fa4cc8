export default {
  behaviour: 'An edited function calls into a third-party crate of which the program contained nothing.',
  steps: [
    { ask: { abc: '1 7' } },
    {
      edit: 'after',
      // With the crate come its instances of generic functions, and app uses those in place of its own. What is of another
      // crate is called through the GOT and not directly, so the machine code of these two is another one.
      patched: {
        redirected: { own: ['leaf::double', 'app::main', 'app::behaviour::Program::answer'] },
        added: { includes: ['humantime::duration::format_duration'] },
      },
    },
    // "3s" has two characters.
    { ask: { abc: '2 207' } },
  ],
};
