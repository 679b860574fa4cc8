import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { withPatience } from '../../harness/task.mjs';

const everyByte = Buffer.from(Array.from({ length: 256 * 1024 }, (_, index) => (index * 7) % 256));

export default {
  behaviour: 'Standard input and both outputs of the program pass through byte for byte, to the end of file.',
  async play(stage) {
    const task = await stage.start();
    const out = [];
    const err = [];
    task.child.stdout.on('data', (chunk) => out.push(chunk));
    task.child.stderr.on('data', (chunk) => err.push(chunk));
    await task.event('ready');
    task.child.stdin.end(everyByte);
    strictEqual((await withPatience(task.exit, 'the end')).code, 3);
    deepStrictEqual(Buffer.concat(out), everyByte);
    ok(Buffer.concat(err).includes(Buffer.from('\xff\x00 no newline', 'latin1')));
  },
};
