const edit = (file, from, to) => ({ [file]: (text) => text.replace(from, to) });

/** @param caller the function whose machine code calls into the crate */
const steps = (caller) => [
  { ask: { a: '7', 'thread a': '7' } },
  { edit: edit('extra/src/lib.rs', '* 10', '* 100'), unchanged: true },
  {
    edit: edit('plugin/src/lib.rs', /\b7\b/, 'extra::count()'),
    patched: { redirected: [caller], added: { includes: ['extra::count'] } },
    ask: { a: '101', 'thread a': '201', b: '302' },
  },
  {
    edit: edit('extra/src/lib.rs', '* 100', '* 1000'),
    patched: { redirected: ['extra::count'] },
    ask: { 'thread b': '4002', c: '5003' },
  },
];

export default {
  behaviour:
    'A shared library calls into a crate that no code of it named, which comes along with its statics and thread-locals.',
  needs: 'python3',
  project: 'plugin',
  variants: {
    dev: { options: { args: ['python3', 'host.py'] }, steps: steps('plugin::reply') },
    // The function that gave a constant was no call any more.
    release: { options: { release: true, args: ['python3', 'host.py'] }, steps: steps('answer') },
  },
};
