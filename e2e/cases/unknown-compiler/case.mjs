import { match } from 'node:assert/strict';

export default {
  behaviour:
    'A compiler that was never tested is named in one line with the versions that were, and patches are made.',
  steps: [
    { ask: { abc: '1 7' } },
    { edit: 'after', patched: { redirected: ['leaf::double'] } },
    { ask: { abc: '2 57' } },
    {
      run: ({ task }) =>
        match(
          task.output,
          /^ *! rustc 1\.999\S* .* is newer than the tested ones \(rustc 1\.\d+ to 1\.\d+\)/m,
        ),
    },
  ],
};
