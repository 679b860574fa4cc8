export default {
  behaviour:
    'In an optimised build an edit of an inlined function reaches every function that it was inlined into.',
  options: { profile: 'release' },
  steps: [
    { ask: { abc: '1 7' } },
    {
      edit: { 'leaf/src/lib.rs': (text) => text.replace('amount * 2', 'amount * 30') },
      run: async ({ task }) => {
        await task.event('patched', 'restarted');
        const answer = await task.ask('abc');
        if (!/^[12] 91$/.test(answer)) throw new Error(`the answer is still ${answer}`);
      },
    },
  ],
};
