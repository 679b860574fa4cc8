export default {
  behaviour:
    "New thread-locals, constant or lazy, zero or not, with a destructor or without, are each thread's own, in threads from before and after the patch.",
  steps: [
    { ask: { main: 'none 0', old: 'none 0', young: 'none 0' } },
    {
      edit: 'after',
      patched: {
        redirected: ['app::behaviour::counted'],
        added: { includes: ['<app::behaviour::Guard as core::ops::drop::Drop>::drop'] },
      },
    },
    {
      ask: {
        main: '11 21 1 31 41 dropped 0',
        old: '11 21 1 31 41 dropped 0',
        young: '11 21 1 31 41 dropped 0',
      },
    },
    { ask: { main: '12 22 2 32 42 dropped 2', old: '12 22 2 32 42 dropped 2' } },
    { ask: { young: '11 21 1 31 41 dropped 2', end: '6' } },
    { ask: { main: '13 23 3 33 43 dropped 6' } },
  ],
};
