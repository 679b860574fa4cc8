export default {
  behaviour: 'What stands after `--` on the command line of nx are the arguments of the program.',
  via: 'nx',
  // With `--` on its command line nx takes no options before it; project.json names the events file.
  options: { events: undefined },
  arguments: ['--flag', 'two words'],
  steps: [
    { ask: { a: '--flag|two words' } },
    {
      edit: { 'app/src/behaviour.rs': (text) => text.replace('"|"', '"+"') },
      patched: { redirected: ['app::behaviour::joined'] },
    },
    { ask: { a: '--flag+two words' } },
  ],
};
