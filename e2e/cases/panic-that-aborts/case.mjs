import { deepStrictEqual } from 'node:assert/strict';
import { play } from '../../harness/steps.mjs';

const leaf = (to) => ({ 'leaf/src/lib.rs': `pub fn double(amount: u32) -> u32 {\n    ${to}\n}\n` });

export default {
  behaviour:
    'A program that aborts on panic takes patches, and a panic in one is told as a crash under the patched function.',
  async play(stage) {
    const task = await stage.start();
    const at = { ...stage, task };
    await task.event('ready');
    const patched = { redirected: ['leaf::double'] };
    await play({ ask: { abc: '1 7' }, edit: leaf('amount * 3'), patched }, at);
    await play({ ask: { abc: '2 10' } }, at);
    const panics = leaf('if amount == 5 { panic!("five of them") }\n    amount * 4');
    await play({ edit: panics, patched }, at);
    await play({ ask: { abc: '3 13' } }, at);
    // Five letters.
    task.child.stdin.write('panic\n');
    const { signal, where, patch, function: name, frames } = await task.event('crashed');
    deepStrictEqual(
      { signal, where, patch, name },
      { signal: 'SIGABRT', where: 'under-patch', patch: 2, name: 'leaf::double' },
    );
    const places = frames.filter(({ patch: number }) => number === 2).map(({ at: place }) => place);
    deepStrictEqual(places.at(-1), 'leaf/src/lib.rs:2', 'the line that panicked');
    await task.says(/panicked at leaf\/src\/lib\.rs:2:22:\n.*five of them/s);
    await play({ exits: { signal: 'SIGABRT', task: 134 } }, at);
  },
};
