const file = 'app/src/behaviour.rs';
const above = 'rule!(Above, 3000, 3);\n';

/** What the rule that is written above brings. */
const next = {
  legacy: 'app::behaviour::_::<impl app::behaviour::Rule for app::behaviour::Above>::next',
  v0: '<app::behaviour::Above as app::behaviour::Rule>::next',
};

const steps = [
  { ask: { a: '10 200' } },
  { ask: { a: '11 202' } },
  {
    edit: {
      [file]: (text) =>
        text
          .replace('rule!(First', `${above}rule!(First`)
          .replace('Box::new(Second)\n}', 'Box::new(Above)\n}'),
    },
    patched: { redirected: ['app::behaviour::more'], added: ['app::behaviour::_::step', next] },
  },
  { ask: { more: '12 204 3000' } },
  // Which block is whose is known from then on as well.
  {
    edit: { [file]: (text) => text.replace(', 10, 1', ', 10, 5').replace(', 200, 2', ', 200, 7') },
    patched: { redirected: ['app::behaviour::_::step', 'app::behaviour::_::step'] },
  },
  { ask: { a: '13 206 3003' } },
  { ask: { a: '18 213 3006' } },
];

export default {
  behaviour:
    'A block without a name that is written above others takes neither their statics nor the functions in them.',
  variants: {
    default: { steps },
    v0: { env: () => ({ RUSTFLAGS: '-Csymbol-mangling-version=v0' }), steps },
  },
};
