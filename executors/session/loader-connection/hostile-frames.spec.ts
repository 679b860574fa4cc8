import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeFrame, type Frame, FrameDecoder, FrameError, FrameType } from './frames';
import { decodeLoaderMessage, type LoaderMessage } from './messages';

const FOLDER = join(__dirname, '../../../native/protocol/vectors');

const FROM_LOADER: ReadonlySet<FrameType> = new Set([
  FrameType.Hello,
  FrameType.Applied,
  FrameType.Refused,
  FrameType.Undone,
  FrameType.Unloaded,
  FrameType.Crashed,
]);

const golden = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.bin') && !name.startsWith('bad-'))
  .map((name) => readFileSync(join(FOLDER, name)))
  .filter((frame) => FROM_LOADER.has(frame[4] as FrameType));

/** Numbers and pieces of JSON at which readers break. */
const PIECES = [
  ...['0', '-1', '4294967296', '9007199254740993', '1e400', '-0', '0.5', 'null', 'true', '[', ']', '{', '}'],
  ...[
    '"',
    ',',
    '\\ud800',
    '"type":"applied",',
    '"__proto__":{"patch":1},',
    '"length":4294967295,',
    '[[[[[[[[',
  ],
];

/** A generator (mulberry32): the same frames in every run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), 1 | state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return ((word ^ (word >>> 14)) >>> 0) % Math.max(below, 1);
  };
}

type Random = ReturnType<typeof random>;

/** One change of a frame: a byte, its end, its type, its announced length, or a value in its JSON. */
function damaged(frame: Buffer, next: Random): Buffer {
  const copy = Buffer.from(frame);
  switch (next(6)) {
    case 0:
      copy[next(copy.length)] = next(256);
      return copy;
    case 1:
      return copy.subarray(0, next(copy.length));
    case 2:
      copy[4] = next(14);
      return copy;
    case 3:
      copy.writeUInt32LE([0, 1, copy.length - 5, 0x10000001, 0xffffffff][next(5)] as number, 0);
      return copy;
    default:
      return withPiece(copy, next);
  }
}

/** The length in front is kept true, so that the decoder gets as far as the JSON. */
function withPiece(frame: Buffer, next: Random): Buffer {
  const payload = frame.subarray(5).toString('latin1');
  const numbers = [...payload.matchAll(/\d+|"[^"]*"/g)];
  const at = numbers[next(numbers.length)];
  const start = next(2) === 0 || at === undefined ? next(payload.length) : at.index;
  const end = start + (at?.index === start ? at[0].length : 0);
  const text = payload.slice(0, start) + PIECES[next(PIECES.length)] + payload.slice(end);
  return encodeFrame(frame[4] as FrameType, Buffer.from(text, 'latin1'));
}

/** Pieces of the stream, as a socket might give them. */
function decodeInChunks(stream: Buffer, next: Random): readonly Frame[] {
  const decoder = new FrameDecoder();
  const frames: Frame[] = [];
  for (let at = 0; at < stream.length; ) {
    const size = 1 + next(stream.length);
    frames.push(...decoder.push(stream.subarray(at, at + size)));
    at += size;
  }
  return frames;
}

/** The texts that the session takes out of a message, down to the last list. */
function texts(message: LoaderMessage): readonly string[] {
  switch (message.type) {
    case 'hello':
      return [message.token, message.loadBias, ...message.libraries];
    case 'other-protocol':
      return [message.protocol.toFixed(0), message.loader ?? '', message.pid?.toFixed(0) ?? ''];
    case 'applied':
      return [
        ...message.functions.flatMap((redirected) => [redirected.symbol, redirected.old, redirected.new]),
        ...message.busy.flatMap(({ symbol, threads }) => [symbol, ...threads]),
      ];
    case 'refused':
      return message.reasons.flatMap((reason) => [reason.code, reason.message, reason.remedy]);
    case 'unloaded':
      return message.kept.map(({ by }) => by);
    case 'crashed':
      return [message.thread, message.pc, message.stack.toString('hex')];
    case 'undone':
      return [message.patch.toFixed(0)];
  }
}

describe('frames of a loader that is broken or hostile', () => {
  test.each([1, 2, 3, 4])(
    'are messages that hold what their type says, or a FrameError (seed %i)',
    (seed) => {
      const next = random(seed);
      const outcomes = { understood: 0, refused: 0 };
      for (let round = 0; round < 5000; round += 1) {
        let frame = golden[next(golden.length)] as Buffer;
        for (let times = 0; times <= next(3); times += 1) if (frame.length > 5) frame = damaged(frame, next);
        try {
          for (const found of decodeInChunks(frame, next)) {
            const kinds = texts(decodeLoaderMessage(found)).map((text) => typeof text);
            expect(kinds.filter((kind) => kind !== 'string')).toEqual([]);
            outcomes.understood += 1;
          }
        } catch (error) {
          if (!(error instanceof FrameError))
            throw new Error(`on ${frame.toString('hex')}`, { cause: error });
          outcomes.refused += 1;
        }
      }
      // Mutations that are all turned down at once would prove nothing.
      expect(outcomes.understood).toBeGreaterThan(100);
      expect(outcomes.refused).toBeGreaterThan(1000);
    },
  );

  test('cannot pass one message off as another by a field `type`', () => {
    const payload = Buffer.from('{"patch":3,"type":"applied"}');
    expect(decodeLoaderMessage({ type: FrameType.Undone, payload })).toEqual({ type: 'undone', patch: 3 });
  });

  test('are refused with the place when an element of a list is of the wrong kind', () => {
    const refused = (reasons: unknown) => {
      const payload = Buffer.from(JSON.stringify({ patch: null, reasons }));
      return () => decodeLoaderMessage({ type: FrameType.Refused, payload });
    };
    const reason = { code: 'token', subject: '', message: '', remedy: '' };
    expect(refused([reason, 5])).toThrow("'reasons.1'");
    expect(refused([{ ...reason, message: null }])).toThrow("'reasons.0.message'");
  });
});
