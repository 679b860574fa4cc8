import { deepStrictEqual, match } from 'node:assert/strict';
import { withPatience } from '../../harness/task.mjs';

export default {
  behaviour:
    'A configuration that the target does not have is refused before anything runs, with those that it has.',
  via: 'nx',
  async play(stage) {
    const task = await stage.start({ target: 'hotpatch:relaese' });
    deepStrictEqual(await withPatience(task.exit, 'the end of the task'), { code: 1, signal: null });
    match(
      task.output,
      /app:hotpatch has no configuration `relaese`; it has release, and `nx run app:hotpatch`/,
    );
    deepStrictEqual(task.pids, [], 'no program was started');
    deepStrictEqual(/Compiling|> nx run/.test(task.output), false, 'no task ran');
  },
};
