import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
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
    const { pid } = await task.event('ready');
    const edit = {
      'plugin/src/lib.rs': (text) =>
        text.replace('number as u32 + 1', 'unsafe { *(number as *const u32) + 1 }'),
    };
    await play({ ask: { 1: '2' }, edit, patched: { redirected: ['plugin::read'] } }, at);
    await withPatience(catching(pid), 'the handlers of the loader');
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

/**
 * Resolves when the process catches SIGSEGV. A host may set handlers of its own at its beginning, so the loader waits for
 * those, and a crash before has no frames. No event tells of it: it is looked up until it is so.
 */
async function catching(pid) {
  const sigsegv = 1n << 10n;
  for (;;) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    if (BigInt(`0x${/^SigCgt:\s*([0-9a-f]+)$/m.exec(status)?.[1]}`) & sigsegv) return;
  }
}
