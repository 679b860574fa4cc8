export default {
  behaviour: 'A panic after an edit above it reports the line where it stands now.',
  steps: [
    { ask: { a: 'line 23' } },
    {
      edit: { 'app/src/behaviour.rs': (text) => `\n\n${text}` },
      run: async ({ task }) => {
        const event = await task.event('unchanged', 'patched', 'refused', 'compile-error');
        if (event.event !== 'patched') throw new Error(JSON.stringify(event));
      },
    },
    { ask: { a: 'line 25' } },
  ],
};
