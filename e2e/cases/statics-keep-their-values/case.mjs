export default {
  behaviour:
    'An atomic, a static mut, a OnceLock and a Mutex<Vec> keep their values while their users change.',
  steps: [
    { ask: { one: '1 1 one 1 1', two: '2 2 one 2 2' } },
    { edit: 'after', patched: { redirected: ['app::behaviour::Program::answer'] } },
    { ask: { three: 'patched 3 3 one 3 3' } },
    { edit: 'after-elsewhere', patched: { redirected: ['leaf::counted'] } },
    { ask: { four: 'patched 4 4 one 4 13' } },
  ],
};
