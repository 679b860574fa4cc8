const times = (factor) => ({ 'leaf/src/lib.rs': (text) => text.replace(/\* \d+/, `* ${factor}`) });

export default {
  behaviour: 'Saves in quick succession end with the code of the last one, whatever became of those before.',
  steps: [
    { ask: { abc: '1 7' } },
    { edit: times(3) },
    { edit: times(4) },
    { edit: times(5) },
    {
      run: async ({ task }) => {
        for (let answer = 0; answer < 1000; answer++) {
          if ((await task.ask('abc')).endsWith(' 16')) return;
          await task.event('patched');
        }
      },
    },
  ],
};
