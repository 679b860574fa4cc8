const leaf = (from, to) => ({ 'leaf/src/lib.rs': (text) => text.replace(from, to) });

const steps = [
  { ask: { a: '3 ant 101', ab: '5 bee 202', abcdefg: '19 gnu 707', abcdefghij: '0 none 0' } },
  { edit: leaf('6 => 17', '6 => 18'), patched: { redirected: ['leaf::looked_up'] } },
  { edit: leaf('7 => 19', '7 => 1900'), patched: { redirected: ['leaf::looked_up'] } },
  { edit: leaf('"gnu"', '"gazelle"'), patched: { redirected: ['leaf::named'] } },
  { ask: { a: '3 ant 101', abcdef: '18 fox 606', abcdefg: '1900 gazelle 707' } },
  { edit: leaf('1 => act(101)', '1 => act(11) + 100'), patched: { redirected: ['leaf::acted'] } },
  {
    edit: leaf('7 => act(707),', '7 => act(77),\n        9 => act(909),'),
    patched: { redirected: ['leaf::acted'] },
  },
  { ask: { a: '3 ant 111', abcdefg: '1900 gazelle 77', abcdefghi: '0 none 909' } },
  // What app has of it lies in a unit of app, which is compiled again only because the function is generic.
  { edit: leaf('8 => 23', '8 => 2300'), patched: { redirected: ['leaf::of'] } },
  { ask: { 'of abcde': '2300', 'of abcdefgh': '0', abcdefgh: '0 none 808' } },
];

export default {
  behaviour:
    'A match that the compiler made a jump table or a lookup table of answers by its new arms, in every profile.',
  variants: {
    dev: { steps },
    'with optimisation': { options: { profile: 'release' }, steps },
  },
};
