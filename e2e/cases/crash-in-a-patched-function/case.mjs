import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { play } from '../../harness/steps.mjs';
import { withPatience } from '../../harness/task.mjs';

/** `crash` has five letters. */
const crash = 'crash\n';

const crashed = { signal: 'SIGSEGV', thread: 'app', address: '0x8', where: 'in-patch', patch: 1 };

export default {
  behaviour:
    'A crash in a patched function names the patch and the function, and the command that it prints crashes again.',
  async play(stage) {
    const task = await stage.start();
    const at = { ...stage, task };
    await task.event('ready');
    await play({ ask: { abc: '1 7' }, edit: 'after', patched: { redirected: ['leaf::double'] } }, at);
    await play({ ask: { abc: '2 10' } }, at);
    task.child.stdin.write(crash);
    const event = await task.event('crashed');
    expectCrash(event);
    deepStrictEqual(
      event.frames.slice(1, 4).map(({ function: name, patch }) => [name.replaceAll(/[<>]/g, ''), patch]),
      [
        ['mid::price', null],
        ['app::behaviour::reply', null],
        ['app::behaviour::Program::answer', null],
      ],
    );
    await play({ exits: { signal: 'SIGSEGV', task: 139 } }, at);
    await task.says(/crashed: SIGSEGV at 0x8 in thread `app`\n {2}in leaf::double of patch 1\n/);
    match(
      task.output,
      new RegExp(
        `again: nx run app:hotpatch --excludeTaskDependencies --reproduce=target/hotpatch/crashes/\\d+T\\d+Z-${event.pid}\n`,
      ),
    );

    const names = await readdir(event.folder);
    deepStrictEqual(names.sort(), ['crash.json', 'image', 'patch-1.so', 'report.txt', 'stack.bin']);
    match(await readFile(join(event.folder, 'report.txt'), 'utf8'), /leaf::double of patch 1/);

    const reproduce = /--reproduce=(\S+)/.exec(event.reproduce)[1];
    const again = await stage.start({ options: { reproduce } });
    again.child.stdin.end(crash);
    expectCrash(await again.event('crashed'));
    strictEqual((await withPatience(again.exit, 'the end of the reproduction')).code, 139);
    match(again.output, /it ended as it did then, by SIGSEGV/);
  },
};

function expectCrash({ signal, thread, address, where, patch, function: name, frames }) {
  deepStrictEqual({ signal, thread, address, where, patch }, crashed);
  strictEqual(name, 'leaf::double');
  const [{ at, certain }] = frames;
  deepStrictEqual([frames[0].function, frames[0].patch, certain], ['leaf::double', 1, true]);
  strictEqual(at, 'leaf/src/lib.rs:3');
}
