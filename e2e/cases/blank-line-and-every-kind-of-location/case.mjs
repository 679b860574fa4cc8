/** Where each kind of location is, `below` lines further down than it was written. */
const places = (below) => ({
  mine: `behaviour.rs:${30 + below}:5`,
  told: `behaviour.rs:${34 + below}:66`,
  tracked: `behaviour.rs:${38 + below}:5`,
  index: `behaviour.rs:${43 + below}:5`,
  overflow: `behaviour.rs:${47 + below}:5`,
  stored: `behaviour.rs:${30 + below}:5`,
});

export default {
  behaviour:
    'Panics, #[track_caller], stored locations and line!() name the line where the source stands now; only line!() is code.',
  steps: [
    { ask: places(0) },
    {
      edit: { 'app/src/behaviour.rs': (text) => `\n\n${text}` },
      patched: { redirected: ['app::behaviour::told'] },
    },
    { ask: places(2) },
    {
      edit: { 'app/src/behaviour.rs': (text) => `\n${text}` },
      patched: { redirected: ['app::behaviour::told'] },
    },
    { ask: places(3) },
  ],
};
