const replace = (from, to) => ({ 'app/src/behaviour.rs': (text) => text.replace(from, to) });
const add = (text) => replace('pub struct Program;', `${text}\n\npub struct Program;`);
const asStarted = { a: '1 blue+red [1, 2]' };

const note = (item, line, what, section) =>
  `${item} (app/src/behaviour.rs:${line}) ${what} (section \`${section}\`)`;
const waits = 'what is new about it takes effect after a restart.';
const runs = (item, line) => `${note(item, line, 'is to run at start-up', '.init_array')}; ${waits}`;
const stays = (item, line, section) =>
  `${note(item, line, 'was registered at start-up', section)} and stays so until a restart.`;

export default {
  behaviour:
    'What ctor, inventory and linkme register is reported as live after a restart when it is new, edited or gone, and is live then.',
  steps: [
    { ask: asStarted },
    {
      edit: replace('fn first() {\n    STARTED.fetch_add(1', 'fn first() {\n    STARTED.fetch_add(10'),
      patched: {
        redirected: ['app::behaviour::first'],
        notes: ['`app::behaviour::first` has run at start-up; its new code runs at the next start.'],
      },
    },
    {
      edit: add('#[ctor::ctor]\nfn second() {\n    STARTED.fetch_add(100, Ordering::SeqCst);\n}'),
      unchanged: { notes: [runs('`app::behaviour::second`', 22)] },
    },
    {
      edit: add('inventory::submit! { Plugin("green") }'),
      unchanged: { notes: [runs('A registration of `app::behaviour::Plugin`', 27)] },
    },
    {
      edit: replace('Plugin("red")', 'Plugin("rose")'),
      unchanged: {
        notes: [
          `${note('A registration of `app::behaviour::Plugin`', 12, 'was registered at start-up as it was', '.init_array')}; ${waits}`,
        ],
      },
    },
    {
      edit: add('#[linkme::distributed_slice(COMMANDS)]\nstatic THREE: fn() -> u32 = || 3;'),
      unchanged: {
        notes: [
          `${note('`app::behaviour::THREE`', 29, 'is to be collected at start-up', 'linkme_COMMANDS')}; ${waits}`,
        ],
      },
    },
    {
      edit: replace('inventory::submit! { Plugin("blue") }\n', ''),
      unchanged: { notes: [stays('A registration of `app::behaviour::Plugin`', 13, '.init_array')] },
    },
    {
      edit: replace('#[linkme::distributed_slice(COMMANDS)]\nstatic TWO: fn() -> u32 = || 2;\n', ''),
      unchanged: { notes: [stays('`app::behaviour::TWO`', 18, 'linkme_COMMANDS')] },
    },
    {
      edit: replace(/#\[ctor::ctor\]\nfn first[^}]*}\n/, ''),
      unchanged: { notes: [stays('`app::behaviour::first`', 5, '.init_array')] },
    },
    { ask: asStarted },
    // Any change that cannot be applied starts the program anew.
    { edit: replace('struct Program;', 'struct Program {\n    _of: u32,\n}') },
    {
      edit: replace('    Program\n}', '    Program { _of: 1 }\n}'),
      refused: { code: 'type-layout', words: /app::behaviour::Program/ },
    },
    { ask: { a: '100 green+rose [1, 3]' } },
  ],
};
