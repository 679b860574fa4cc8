export default {
  behaviour: 'An edited function calls into a third-party crate of which the program contained nothing.',
  steps: [
    { ask: { abc: '1 7' } },
    {
      edit: 'after',
      // Instances that leaf or its dependency now has are shared with app, and those who call them in app follow.
      patched: {
        redirected: { own: ['leaf::double', 'app::main', 'app::behaviour::Program::answer'] },
        added: { includes: ['humantime::duration::format_duration'] },
      },
    },
    // "3s" has two characters.
    { ask: { abc: '2 207' } },
  ],
};
