export default {
  behaviour:
    'Thread-locals keep their values: in this crate and another, on threads started before and after.',
  steps: [
    { ask: { main: '1 2 101', a: '1 2 101' } },
    { ask: { a: '2 3 102' } },
    { edit: 'after', patched: { redirected: ['app::behaviour::counted'] } },
    { ask: { main: 'patched 2 3 102', a: 'patched 3 4 103', b: 'patched 1 2 101' } },
    { edit: 'after-elsewhere', patched: { redirected: ['leaf::counted'] } },
    { ask: { main: 'patched 3 4 112', a: 'patched 4 5 113', b: 'patched 2 3 111', c: 'patched 1 2 110' } },
  ],
};
