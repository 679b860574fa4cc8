import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { play } from '../../harness/steps.mjs';

export default {
  behaviour: 'A crash in code of the build is reported as such, though the program has patches.',
  async play(stage) {
    const task = await stage.start();
    const at = { ...stage, task };
    await task.event('ready');
    await play({ edit: 'after', patched: { redirected: ['leaf::double'] }, ask: { abc: '1 10' } }, at);
    task.child.stdin.write('crash\n');
    const { where, patch, function: name, address, frames, folder } = await task.event('crashed');
    deepStrictEqual(
      { where, patch, name, address },
      { where: 'program', patch: null, name: null, address: '0x10' },
    );
    strictEqual(frames[0].function, 'app::behaviour::crash');
    strictEqual(typeof folder, 'string');
    await play({ exits: { signal: 'SIGSEGV', task: 139 } }, at);
    await task.says(/in code of the build; no code of a patch is on the stack/);
  },
};
