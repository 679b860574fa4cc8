/**
 * Frames of the loader protocol (native/protocol/README.md): `u32 LE length`, `u8 type`, payload, where the length
 * counts the type byte too.
 */

export const FrameType = {
  Hello: 1,
  Welcome: 2,
  Apply: 3,
  Applied: 4,
  Refused: 5,
  Undo: 6,
  Undone: 7,
  Go: 8,
  Unload: 9,
  Unloaded: 10,
  Crashed: 11,
} as const;
export type FrameType = (typeof FrameType)[keyof typeof FrameType];

/** 256 MiB: also the size of the patch window, so no honest frame is longer. */
export const MAX_FRAME_LENGTH = 256 * 1024 * 1024;

export interface Frame {
  readonly type: FrameType;
  readonly payload: Buffer;
}

export class FrameError extends Error {}

const LENGTH_BYTES = 4;
const KNOWN_TYPES: ReadonlySet<number> = new Set(Object.values(FrameType));

/** @throws FrameError when the payload does not fit in a frame. */
export function encodeFrame(type: FrameType, payload: Buffer): Buffer {
  const length = payload.length + 1;
  if (length > MAX_FRAME_LENGTH) {
    throw new FrameError(`a frame of ${length} bytes is longer than the protocol's ${MAX_FRAME_LENGTH}`);
  }
  const head = Buffer.alloc(LENGTH_BYTES + 1);
  head.writeUInt32LE(length, 0);
  head.writeUInt8(type, LENGTH_BYTES);
  return Buffer.concat([head, payload]);
}

/** Cuts a byte stream into frames, wherever the stream's chunks happen to end. */
export class FrameDecoder {
  #chunks: Buffer[] = [];
  #size = 0;

  /** @throws FrameError on a length or a type that the protocol does not have; the connection is then of no use. */
  push(chunk: Buffer): Frame[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): Frame | undefined {
    if (this.#size < LENGTH_BYTES) return undefined;
    const length = this.#gather(LENGTH_BYTES).readUInt32LE(0);
    if (length < 1 || length > MAX_FRAME_LENGTH) {
      throw new FrameError(`a frame announces ${length} bytes; the protocol allows 1 to ${MAX_FRAME_LENGTH}`);
    }
    if (this.#size < LENGTH_BYTES + 1) return undefined;
    const type = this.#gather(LENGTH_BYTES + 1).readUInt8(LENGTH_BYTES);
    if (!isFrameType(type)) throw new FrameError(`a frame has the unknown type ${type}`);
    if (this.#size < LENGTH_BYTES + length) return undefined;
    const all = this.#gather(this.#size);
    const end = LENGTH_BYTES + length;
    this.#chunks = end < all.length ? [all.subarray(end)] : [];
    this.#size = all.length - end;
    return { type, payload: all.subarray(LENGTH_BYTES + 1, end) };
  }

  /** Joins chunks only as far as needed, so that a large frame in many chunks is not copied for each of them. */
  #gather(size: number): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= size) return first;
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }
}

function isFrameType(type: number): type is FrameType {
  return KNOWN_TYPES.has(type);
}
