import { strictEqual } from 'node:assert/strict';
import { BareSession } from '../../harness/bare-session.mjs';
import { recordPatch } from '../../harness/recorded-patch.mjs';

/** What is done to a patch image, each of which the loader must notice before it changes anything. */
const damages = {
  'nothing at all': () => Buffer.alloc(0),
  'no ELF magic': (bytes) => changed(bytes, 0, 0),
  'another machine': (bytes) => changed(bytes, 18, 0xb7),
  'a program header table past the end': (bytes) => changed(bytes, 35, 0x7f),
  'a section header table past the end': (bytes) => changed(bytes, 43, 0x7f),
  'too many program headers': (bytes) => changed(bytes, 57, 0xff),
  'cut off in the header': (bytes) => bytes.subarray(0, 40),
  'cut off in the middle': (bytes) => bytes.subarray(0, bytes.length / 2),
  'cut off at the end': (bytes) => bytes.subarray(0, -100),
};

export default {
  behaviour:
    'A spoilt patch is refused by the loader, the program runs on, and the whole patch is still taken.',
  async play(stage) {
    const { image, patch, bytes } = await recordPatch(stage);
    const session = await BareSession.start(stage.scratch, [image]);
    await session.welcome();
    strictEqual(await session.ask('abc'), '1 7');
    for (const [damage, spoil] of Object.entries(damages)) {
      session.send('apply', { patch }, spoil(bytes));
      const { reasons } = await session.receive('refused');
      strictEqual(reasons[0].code, 'corrupt-patch', damage);
    }
    strictEqual(await session.ask('abc'), '2 7');
    session.send('apply', { patch }, bytes);
    await session.receive('applied');
    strictEqual(await session.ask('abc'), '3 10');
    session.send('undo', { patch });
    await session.receive('undone');
    strictEqual(await session.ask('abc'), '4 7');
    strictEqual(await session.end(), 0);
  },
};

function changed(bytes, at, value) {
  const copy = Buffer.from(bytes);
  copy[at] = value;
  return copy;
}
