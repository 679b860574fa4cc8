/** What has an edited body in it: callers of what is marked, and the rest itself, `generic` once for each type. */
const redirected = [
  'leaf::within',
  'leaf::plain',
  'leaf::generic',
  'leaf::generic',
  'mid::marked',
  'mid::forced',
  'app::behaviour::marked',
  'app::behaviour::forced',
];

const at = (profile) => ({
  options: { profile },
  steps: [
    { ask: { abc: '3006 2006 2006 2006 2006 4006 4006 4006 4006' } },
    { edit: { 'leaf/src/lib.rs': (text) => text.replaceAll('* 2', '* 5') }, patched: { redirected } },
    { ask: { abc: '300f 200f 200f 200f 200f 400f 400f 400f 400f' } },
  ],
});

export default {
  behaviour:
    'At every level of optimisation an edit of inlined functions reaches all callers in every crate, and nobody else.',
  variants: {
    'opt-level 1': at('one'),
    'opt-level 2': at('two'),
    'opt-level 3': at('three'),
    'opt-level s': at('small'),
    'opt-level z': at('smallest'),
  },
};
