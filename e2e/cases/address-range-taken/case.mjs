import { ok, strictEqual } from 'node:assert/strict';
import { BareSession } from '../../harness/bare-session.mjs';

export default {
  behaviour: 'Where no address range near the program is to be had, the loader says so and the program runs.',
  async play(stage) {
    const task = await stage.start();
    const { image } = await task.event('ready');
    await task.interrupt('SIGINT');

    // 200 MB of address space hold the program, but not the window for patches.
    const limited = ['sh', '-c', 'ulimit -v 200000; exec "$0"', image];
    const session = await BareSession.start(stage.scratch, limited);
    const { reasons } = await session.receive('refused');
    strictEqual(reasons[0].code, 'address-range-taken');
    ok(reasons[0].remedy.length > 0);
    strictEqual(await session.ask('abc'), '1 7');
    await session.end();
  },
};
