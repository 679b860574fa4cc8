import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { play } from '../../harness/steps.mjs';
import { tell } from '../../harness/tell.mjs';

export default {
  behaviour:
    'Of two sessions of one program the one with the given pid is told, and without a pid both are listed.',
  async play(stage) {
    const first = await stage.start({ options: { args: ['--port=80'] } });
    await first.event('ready');
    const second = await stage.start();
    await second.event('ready');
    const [firstPid] = first.pids;
    const [secondPid] = second.pids;

    const unclear = await tell(stage, 'status');
    deepStrictEqual([unclear.code, unclear.text], [1, '']);
    match(
      unclear.words,
      new RegExp(
        `app runs in several sessions: say which with --tellPid, ${firstPid} \\(dev, since [^,]+, --port=80\\) or ${secondPid} \\(dev, since [^,]+, no arguments\\)\\.`,
      ),
    );

    const status = await tell(stage, 'status', { json: true, tellPid: secondPid });
    deepStrictEqual([status.code, status.event.pids], [0, [secondPid]]);

    // What is restarted has another pid, and is found by that one.
    const restarted = await tell(stage, 'restart', { json: true, tellPid: firstPid });
    strictEqual(restarted.code, 0);
    const { pid } = restarted.event;
    const after = await tell(stage, 'status', { json: true, tellPid: pid });
    deepStrictEqual(after.event.pids, [pid]);
    await play({ ask: { pid: String(secondPid) } }, { ...stage, task: second });

    const gone = await tell(stage, 'status', { tellPid: firstPid });
    strictEqual(gone.code, 1);
    match(gone.words, new RegExp(`no session of app has the pid ${firstPid}: --tellPid can be ${pid} `));
  },
};
