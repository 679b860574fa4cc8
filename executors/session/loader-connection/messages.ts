import type { Reason } from '../../pipeline/artifacts';
import { encodeFrame, type Frame, FrameError, FrameType } from './frames';

/** The version of native/protocol/README.md that this side speaks. */
export const PROTOCOL = 1;

/** Loader to session: who is there. Numbers are bytes relative to the host's load bias; `0x...` strings are absolute. */
export interface Hello {
  readonly protocol: number;
  /** The loader's package version. */
  readonly loader: string;
  readonly token: string;
  readonly pid: number;
  readonly ppid: number;
  readonly buildId: string;
  readonly image: string;
  readonly loadBias: string;
  /** The reserved patch window. */
  readonly window: { readonly offset: number; readonly size: number };
  /** The reserved thread-local pool; `tpOffset` is its signed distance from the thread pointer. */
  readonly tls: { readonly tpOffset: number; readonly size: number };
  readonly libraries: readonly string[];
  /** Patches that the process already has: a forked child inherits them. */
  readonly patches: readonly number[];
}

export interface Welcome {
  readonly protocol: number;
  readonly token: string;
  readonly buildId: string;
}

export interface Apply {
  readonly patch: number;
  readonly image: Buffer;
}

export interface Applied {
  readonly patch: number;
  readonly functions: readonly { readonly symbol: string; readonly old: string; readonly new: string }[];
  /** Milliseconds. */
  readonly ms: { readonly load: number; readonly apply: number };
  /** The longest time that a thread of the program had to wait, in microseconds. */
  readonly pauseUs: number;
  readonly bytes: number;
}

export interface Refused {
  /** Null outside of a patch. */
  readonly patch: number | null;
  readonly reasons: readonly Reason[];
}

/** What a loader may send. */
export type LoaderMessage =
  | ({ readonly type: 'hello' } & Hello)
  | ({ readonly type: 'applied' } & Applied)
  | ({ readonly type: 'refused' } & Refused)
  | { readonly type: 'undone'; readonly patch: number };

export function encodeWelcome(welcome: Welcome): Buffer {
  return encodeFrame(FrameType.Welcome, json(welcome));
}

export function encodeApply({ patch, image }: Apply): Buffer {
  const plan = json({ patch });
  const length = Buffer.alloc(4);
  length.writeUInt32LE(plan.length, 0);
  return encodeFrame(FrameType.Apply, Buffer.concat([length, plan, image]));
}

export function encodeRefused(refused: Refused): Buffer {
  return encodeFrame(FrameType.Refused, json(refused));
}

export function encodeUndo(patch: number): Buffer {
  return encodeFrame(FrameType.Undo, json({ patch }));
}

/** @throws FrameError when the frame is not one that a loader sends, or its JSON lacks a field. */
export function decodeLoaderMessage(frame: Frame): LoaderMessage {
  switch (frame.type) {
    case FrameType.Hello:
      return { type: 'hello', ...fields<Hello>(frame, 'Hello', HELLO) };
    case FrameType.Applied:
      return { type: 'applied', ...fields<Applied>(frame, 'Applied', APPLIED) };
    case FrameType.Refused:
      return { type: 'refused', ...fields<Refused>(frame, 'Refused', REFUSED) };
    case FrameType.Undone:
      return { type: 'undone', ...fields<{ patch: number }>(frame, 'Undone', UNDONE) };
    default:
      throw new FrameError(`a loader sent a frame of type ${frame.type}, which only a session sends`);
  }
}

/** What a field has to be: what `kindOf` answers, one of several such, or a nested shape. */
type Shape = { readonly [field: string]: string | Shape };

const HELLO: Shape = {
  protocol: 'integer',
  loader: 'string',
  token: 'string',
  pid: 'integer',
  ppid: 'integer',
  buildId: 'string',
  image: 'string',
  loadBias: 'string',
  window: { offset: 'integer', size: 'integer' },
  tls: { tpOffset: 'integer', size: 'integer' },
  libraries: 'array',
  patches: 'array',
};
const APPLIED: Shape = {
  patch: 'integer',
  functions: 'array',
  ms: { load: 'integer|number', apply: 'integer|number' },
  pauseUs: 'integer|number',
  bytes: 'integer',
};
const REFUSED: Shape = { patch: 'integer|null', reasons: 'array' };
const UNDONE: Shape = { patch: 'integer' };

const UTF8 = new TextDecoder('utf-8', { fatal: true });

function fields<T extends object>(frame: Frame, name: string, shape: Shape): T {
  let value: unknown;
  try {
    value = JSON.parse(UTF8.decode(frame.payload));
  } catch {
    throw new FrameError(`a ${name} frame is not JSON`);
  }
  const wrong = mismatch(value, shape);
  if (wrong !== undefined) throw new FrameError(`a ${name} frame has no usable field '${wrong}'`);
  return value as T;
}

/** The first field of `value` that is not as `shape` says. */
function mismatch(value: unknown, shape: Shape): string | undefined {
  if (kindOf(value) !== 'object') return '(all)';
  for (const [field, wanted] of Object.entries(shape)) {
    const found = (value as Record<string, unknown>)[field];
    if (typeof wanted !== 'string') {
      const inner = mismatch(found, wanted);
      if (inner !== undefined) return `${field}.${inner}`;
    } else if (!wanted.split('|').includes(kindOf(found))) {
      return field;
    }
  }
  return undefined;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Number.isSafeInteger(value)) return 'integer';
  return Array.isArray(value) ? 'array' : typeof value;
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value), 'utf8');
}
