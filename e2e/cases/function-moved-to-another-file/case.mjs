const home = 'app/src/behaviour/home.rs';
const parlour = 'app/src/behaviour/home/parlour.rs';

export default {
  behaviour:
    'A function that moves to another file and module stays the same one: pointers from before reach its later edits; one that is edited in the same save is new.',
  steps: [
    { ask: { abc: '#3 4 #3' } },
    // The new file is there before anybody names it.
    { edit: { [parlour]: 'pub fn shown(amount: u32) -> String {\n    format!("#{amount}")\n}\n' } },
    {
      edit: {
        [home]: (text) =>
          `pub use parlour::shown;\nmod parlour;\n${text.replace(/pub fn shown[\s\S]*?\n}\n/, '')}`,
      },
      patched: { redirected: [] },
    },
    { ask: { abc: '#3 4 #3' } },
    {
      edit: { [parlour]: (text) => text.replace('#', 'no. ') },
      patched: { redirected: ['app::behaviour::home::parlour::shown'] },
    },
    { ask: { abc: 'no. 3 4 no. 3' } },
    // Moved and edited in one save: nothing tells it from a new one, and the old pointer keeps what it had.
    {
      edit: {
        [home]: (text) =>
          text.replace(
            'pub use parlour::shown;\nmod parlour;\n',
            'pub fn shown(amount: u32) -> String {\n    format!("now {amount}")\n}\n',
          ),
      },
      patched: {
        redirected: ['app::behaviour::Program::answer', 'app::behaviour::start'],
        added: ['app::behaviour::home::shown'],
      },
    },
    { ask: { abc: 'no. 3 4 now 3' } },
  ],
};
