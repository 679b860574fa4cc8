import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { play } from '../../harness/steps.mjs';
import { withPatience } from '../../harness/task.mjs';

export default {
  behaviour: 'A crash in a patched library names the function, and is not offered to be reproduced.',
  needs: 'python3',
  project: 'plugin',
  options: { args: ['python3', 'host.py'] },
  async play(stage) {
    const task = await stage.start();
    const at = { ...stage, task };
    await task.event('ready');
    const edit = {
      'plugin/src/lib.rs': (text) =>
        text.replace('number as u32 + 1', 'unsafe { *(number as *const u32) + 1 }'),
    };
    await play({ ask: { 1: '2' }, edit, patched: { redirected: ['plugin::read'] } }, at);
    task.child.stdin.write('8\n');
    const {
      signal,
      address,
      where,
      patch,
      function: name,
      frames,
      reproduce,
      folder,
    } = await task.event('crashed');
    deepStrictEqual(
      { signal, address, where, patch, name, reproduce },
      {
        signal: 'SIGSEGV',
        address: '0x8',
        where: 'in-patch',
        patch: 1,
        name: 'plugin::read',
        reproduce: null,
      },
    );
    deepStrictEqual(
      frames.slice(0, 2).map((frame) => [frame.function, frame.patch]),
      [
        ['plugin::read', 1],
        ['answer', null],
      ],
    );
    await play({ exits: { signal: 'SIGSEGV', task: 139 } }, at);

    const again = await stage.start({ options: { reproduce: folder } });
    strictEqual((await withPatience(again.exit, 'the end of the reproduction')).code, 1);
    match(again.output, /is of a library in the program that loads it/);
  },
};
