export default {
  behaviour: 'A private function is called through a pointer that was taken before the patch.',
  steps: [
    { ask: { a: '40' } },
    { edit: 'after', patched: { redirected: ['app::behaviour::tenfold'] } },
    { ask: { a: '44' } },
  ],
};
