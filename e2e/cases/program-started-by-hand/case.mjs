import { strictEqual } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';

export default {
  behaviour: 'The image, started by hand, is the ordinary program.',
  async play(stage) {
    const task = await stage.start();
    const { image } = await task.event('ready');
    await task.interrupt('SIGINT');
    strictEqual(execFileSync(image, { input: 'abc\n', encoding: 'utf8' }), '= 1 7\n');
  },
};
