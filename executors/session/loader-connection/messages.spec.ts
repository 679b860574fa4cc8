import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Frame, FrameDecoder, FrameError } from './frames';
import {
  decodeLoaderMessage,
  encodeApply,
  encodeGo,
  encodeRefused,
  encodeUndo,
  encodeUnload,
  encodeWelcome,
  type Refused,
  type Welcome,
} from './messages';

const FOLDER = join(__dirname, '../../../native/protocol/vectors');

interface Vector {
  readonly from: 'loader' | 'session';
  readonly type?: number;
  readonly payload?: Record<string, unknown>;
  readonly image?: string;
  readonly stack?: string;
  readonly error?: 'length' | 'type' | 'truncated' | 'payload';
}

const vectors = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name) => ({
    name: name.replace(/\.json$/, ''),
    vector: JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Vector,
    bytes: readFileSync(join(FOLDER, name.replace(/json$/, 'bin'))),
  }));

const WRITERS: Record<number, (vector: Vector) => Buffer> = {
  2: ({ payload }) => encodeWelcome(payload as unknown as Welcome),
  3: ({ payload, image }) =>
    encodeApply({ patch: payload?.patch as number, image: Buffer.from(image ?? '', 'hex') }),
  5: ({ payload }) => encodeRefused(payload as unknown as Refused),
  6: ({ payload }) => encodeUndo(payload?.patch as number),
  8: () => encodeGo(),
  9: ({ payload }) => encodeUnload(payload?.patches as number[]),
};

function frames(bytes: Buffer): Frame[] {
  return new FrameDecoder().push(bytes);
}

describe('golden frames', () => {
  const good = vectors.filter(({ vector }) => vector.error === undefined);
  const fromLoader = good.filter(({ vector }) => vector.from === 'loader');
  const fromSession = good.filter(({ vector }) => vector.from === 'session');

  test.each(fromLoader)('$name of the loader is understood', ({ vector, bytes }) => {
    const [frame, ...rest] = frames(bytes);
    expect(rest).toEqual([]);
    const { type: _, ...payload } = decodeLoaderMessage(frame as Frame);
    const stack = vector.stack === undefined ? {} : { stack: Buffer.from(vector.stack, 'hex') };
    expect(payload).toEqual({ ...vector.payload, ...stack });
  });

  test.each(fromSession)('$name of the session is written byte for byte', ({ vector, bytes }) => {
    expect(WRITERS[vector.type ?? 0]?.(vector)).toEqual(bytes);
  });

  const bad = vectors.filter(({ vector }) => vector.error !== undefined);

  test.each(bad)('$name is not taken for a message', ({ vector, bytes }) => {
    const decode = () => frames(bytes).map(decodeLoaderMessage);
    if (vector.error === 'truncated') expect(decode()).toEqual([]);
    else expect(decode).toThrow(FrameError);
  });

  test('frames are found wherever the chunks of the stream end', () => {
    const stream = Buffer.concat(fromLoader.map(({ bytes }) => bytes));
    const whole = frames(stream);
    for (const size of [1, 3, 7, 64]) {
      const decoder = new FrameDecoder();
      const found: Frame[] = [];
      for (let at = 0; at < stream.length; at += size)
        found.push(...decoder.push(stream.subarray(at, at + size)));
      expect(found).toEqual(whole);
    }
  });

  test('a field of the wrong kind is named', () => {
    const hello = fromLoader.find(({ name }) => name === 'hello');
    const text = hello?.bytes.toString('latin1').replace('"size":268435456', '"size":"6843545"') ?? '';
    const [frame] = frames(Buffer.from(text, 'latin1'));
    expect(() => decodeLoaderMessage(frame as Frame)).toThrow('window.size');
  });
});
