const byDefault = {
  legacy: 'app::behaviour::Part::label',
  v0: '<app::behaviour::Plain as app::behaviour::Part>::label',
};

export default {
  behaviour:
    'An override of a default method, and its removal, reach objects that live, and objects of its type alone.',
  steps: [
    { ask: { a: 'part part' } },
    { edit: 'after', patched: { redirected: ['<app::behaviour::Plain as app::behaviour::Part>::label'] } },
    { ask: { b: 'plain part' } },
    { edit: 'before', patched: { restored: [byDefault] } },
    { ask: { c: 'part part' } },
  ],
};
