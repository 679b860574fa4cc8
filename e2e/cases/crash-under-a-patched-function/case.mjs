import { deepStrictEqual } from 'node:assert/strict';
import { play } from '../../harness/steps.mjs';

export default {
  behaviour: 'A program that aborts in a library names the patched function that called it.',
  async play(stage) {
    const task = await stage.start();
    const at = { ...stage, task };
    await task.event('ready');
    await play({ edit: 'after', patched: { redirected: ['leaf::double'] } }, at);
    // Five letters.
    task.child.stdin.write('abort\n');
    const { signal, address, where, patch, function: name, frames } = await task.event('crashed');
    deepStrictEqual(
      { signal, address, where, patch, name },
      { signal: 'SIGABRT', address: null, where: 'under-patch', patch: 1, name: 'leaf::double' },
    );
    deepStrictEqual([frames[0].function, frames[0].certain], [null, true], 'it was in the C library');
    await play({ exits: { signal: 'SIGABRT', task: 134 } }, at);
    await task.says(/called, as far as the stack tells, from leaf::double of patch 1/);
  },
};
