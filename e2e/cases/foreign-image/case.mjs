import { match, strictEqual } from 'node:assert/strict';
import { BareSession } from '../../harness/bare-session.mjs';
import { recordPatch } from '../../harness/recorded-patch.mjs';

export default {
  behaviour:
    'A patch that was made for another build of the program is refused, and so is one by a stranger.',
  async play(stage) {
    const { image, patch, bytes } = await recordPatch(stage);

    const session = await BareSession.start(stage.scratch, [image]);
    const { buildId } = await session.welcome();
    const other = buildId.replace(/./g, (digit) => (digit === '0' ? '1' : '0'));
    const foreign = Buffer.from(bytes.toString('latin1').replaceAll(buildId, other), 'latin1');
    session.send('apply', { patch }, foreign);
    const { reasons } = await session.receive('refused');
    strictEqual(reasons[0].code, 'foreign-image');
    match(reasons[0].message, /build/);
    strictEqual(await session.ask('abc'), '1 7');
    await session.end();

    const stranger = await BareSession.start(stage.scratch, [image]);
    await stranger.welcome({ token: 'f'.repeat(64) });
    await new Promise((resolve) => stranger.connection.once('close', resolve));
    strictEqual(await stranger.ask('abc'), '1 7', 'the program runs on without a session');
    await stranger.end();
  },
};
