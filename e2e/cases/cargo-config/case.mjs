export default {
  behaviour: 'The flags, the environment and the target folder of .cargo/config.toml hold.',
  steps: [
    { ask: { a: 'flagged configured' } },
    {
      edit: { 'app/src/behaviour.rs': (text) => text.replace('"flagged"\n', '"still flagged"\n') },
      patched: { redirected: ['app::behaviour::reply'] },
    },
    { ask: { a: 'still flagged configured' } },
  ],
};
