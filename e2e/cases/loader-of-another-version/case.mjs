import { match, strictEqual } from 'node:assert/strict';
import { BareSession } from '../../harness/bare-session.mjs';

export default {
  behaviour: 'A loader that meets a session of another protocol says so, closes, and lets the program run.',
  async play(stage) {
    const task = await stage.start();
    const { image } = await task.event('ready');
    await task.interrupt('SIGINT');

    const session = await BareSession.start(stage.scratch, [image]);
    await session.welcome({ protocol: 999 });
    const { reasons } = await session.receive('refused');
    strictEqual(reasons[0].code, 'version');
    match(`${reasons[0].message} ${reasons[0].remedy}`, /999/);
    strictEqual(await session.ask('abc'), '1 7');
    await session.end();
  },
};
