import { strictEqual } from 'node:assert/strict';

const leaf = (text) => ({ edit: { 'leaf/src/lib.rs': text }, patched: { redirected: ['leaf::double'] } });
const body = (factor, ...lines) =>
  `pub fn double(amount: u32) -> u32 {\n${lines.join('\n')}\n    amount * ${factor}\n}\n`;
const times = (task, words) => task.output.split(words).length - 1;

export default {
  behaviour:
    'A warning is shown with the save that brings it, and not with every save after that; errors always are.',
  steps: [
    leaf(body(3, '    let first = 1;')),
    { run: ({ task }) => task.says(/unused variable: `first`/) },
    // The line has another number now.
    leaf(`\n\n\n\n\n\n\n\n\n${body(4, '    let first = 1;')}`),
    { run: ({ task }) => task.says(/· 1 warning as before/) },
    leaf(body(5, '    let second = 2;', '    let first = 1;')),
    { run: ({ task }) => task.says(/unused variable: `second`/) },
    { edit: { 'leaf/src/lib.rs': body('"x"') }, compileError: /cannot multiply/ },
    { edit: { 'leaf/src/lib.rs': body('"y"') }, compileError: /cannot multiply/ },
    leaf(body(6, '    let second = 2;', '    let first = 1;')),
    { run: ({ task }) => task.says(/· 2 warnings as before/) },
    {
      run({ task }) {
        strictEqual(times(task, 'warning: unused variable: `first`'), 1);
        strictEqual(times(task, 'warning: unused variable: `second`'), 1);
      },
    },
  ],
};
