export default {
  behaviour: 'A panic after an edit above it reports the line where it stands now.',
  steps: [
    { ask: { a: 'line 23' } },
    {
      edit: { 'app/src/behaviour.rs': (text) => `\n\n${text}` },
      // The line is written where it stands; no code is replaced.
      patched: { redirected: [] },
    },
    { ask: { a: 'line 25' } },
  ],
};
