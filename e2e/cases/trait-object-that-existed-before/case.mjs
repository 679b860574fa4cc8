export default {
  behaviour: 'A trait object made before the patch runs the new method through its old vtable.',
  steps: [
    { ask: { a: '9 5' } },
    { edit: 'after', patched: { redirected: ['<app::behaviour::Square as app::behaviour::Shape>::size'] } },
    { ask: { a: '900 5' } },
  ],
};
