const leaf = (from, to) => ({ 'leaf/src/lib.rs': (text) => text.replace(from, to) });
const one = (name) => ({ patched: { redirected: [name] } });

const steps = [
  { ask: { grid: '[[1, 2], [10, 20, 30]] 2', run: 'double 8, square 16', first: 'double' } },
  { edit: leaf('[10, 20, 30]', '[10, 20, 31]'), ...one('app::behaviour::grid') },
  { ask: { grid: '[[1, 2], [10, 20, 31]] 2' } },
  { edit: leaf('&[1, 2]', '&[1, 2, 3, 4]'), ...one('app::behaviour::grid') },
  { ask: { grid: '[[1, 2, 3, 4], [10, 20, 31]] 4' } },
  {
    edit: leaf('name: "square", run: square', 'name: "cube", run: cube'),
    patched: { redirected: ['app::behaviour::first', 'app::behaviour::run'], added: ['leaf::cube'] },
  },
  { ask: { run: 'double 8, cube 64' } },
  { edit: leaf('n * n * n', 'n * n * n + 1'), ...one('leaf::cube') },
  { ask: { run: 'double 8, cube 65' } },
  {
    edit: leaf(
      '    Command { name: "cube"',
      '    Command { name: "next", run: double },\n    Command { name: "cube"',
    ),
    patched: { redirected: ['app::behaviour::first', 'app::behaviour::run'] },
  },
  { ask: { run: 'double 8, next 8, cube 65', first: 'double' } },
  { edit: leaf('n + n', 'n + n + 1'), ...one('leaf::double') },
  { ask: { run: 'double 9, next 9, cube 65' } },
];

export default {
  behaviour:
    'Slices of slices and tables of structs with function pointers are read anew in a crate that was not edited.',
  variants: {
    dev: { steps },
    'with optimisation': { options: { profile: 'release' }, steps },
  },
};
