import type { Reason } from '../../pipeline/artifacts';
import type { ThreadLocalRoom } from '../../pipeline/processes';
import { encodeFrame, type Frame, FrameError, FrameType } from './frames';
import { type Fields, ListOf, mismatch } from './shapes';

/** The version of native/protocol/README.md that this side speaks. */
export const PROTOCOL = 2;

/** What a Hello says in every version of the protocol: all that is known of a loader that speaks another one. */
export interface Greeting {
  readonly protocol: number;
  /** The loader's package version. */
  readonly loader?: string;
  readonly pid?: number;
}

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
  readonly tls: ThreadLocalRoom;
  readonly libraries: readonly string[];
  /** Patches that the process already has: a forked child inherits them. */
  readonly patches: readonly number[];
  /** The program waits before `main` until Go. */
  readonly held: boolean;
}

export interface Welcome {
  readonly protocol: number;
  readonly token: string;
  readonly buildId: string;
  /** A folder in which the loader may make its parking file; without one nothing is unloaded. */
  readonly parking?: string;
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
  /** Replaced functions that threads (`name (tid)`) were in: those calls run the old code to their end. */
  readonly busy: readonly {
    readonly symbol: string;
    readonly old: string;
    readonly threads: readonly string[];
  }[];
}

/** The patches of an Unload; each is in one of the two lists, with the bytes of memory that it gave back or holds. */
export interface Unloaded {
  readonly unloaded: readonly { readonly patch: number; readonly bytes: number }[];
  /** `by` says in words what still reaches the patch. */
  readonly kept: readonly { readonly patch: number; readonly bytes: number; readonly by: string }[];
}

/** A thread of the program got a fatal signal. Addresses are absolute, `0x...`. */
export interface Crashed {
  readonly signal: number;
  /** `si_code`: above 0 it was an instruction, else somebody sent the signal. */
  readonly code: number;
  readonly pid: number;
  readonly tid: number;
  readonly thread: string;
  readonly pc: string;
  /** What was accessed, or the instruction. */
  readonly address: string;
  readonly sp: string;
  readonly registers: Readonly<Record<string, string>>;
  /** From the stack pointer upwards. */
  readonly stack: Buffer;
}

export interface Refused {
  /** Null outside of a patch. */
  readonly patch: number | null;
  readonly reasons: readonly Reason[];
}

/** What a loader may send. */
export type LoaderMessage =
  | ({ readonly type: 'hello' } & Hello)
  | ({ readonly type: 'other-protocol' } & Greeting)
  | ({ readonly type: 'applied' } & Applied)
  | ({ readonly type: 'refused' } & Refused)
  | { readonly type: 'undone'; readonly patch: number }
  | ({ readonly type: 'unloaded' } & Unloaded)
  | ({ readonly type: 'crashed' } & Crashed);

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

export function encodeGo(): Buffer {
  return encodeFrame(FrameType.Go, json({}));
}

export function encodeUnload(patches: readonly number[]): Buffer {
  return encodeFrame(FrameType.Unload, json({ patches }));
}

/**
 * `type` is that of the frame, whatever its JSON says.
 * @throws FrameError when the frame is not one that a loader sends, or its JSON lacks a field.
 */
export function decodeLoaderMessage(frame: Frame): LoaderMessage {
  switch (frame.type) {
    case FrameType.Hello:
      return decodeHello(frame);
    case FrameType.Applied:
      return { ...fields<Applied>(frame, 'Applied', APPLIED), type: 'applied' };
    case FrameType.Refused:
      return { ...fields<Refused>(frame, 'Refused', REFUSED), type: 'refused' };
    case FrameType.Undone:
      return { ...fields<{ patch: number }>(frame, 'Undone', UNDONE), type: 'undone' };
    case FrameType.Unloaded:
      return { ...fields<Unloaded>(frame, 'Unloaded', UNLOADED), type: 'unloaded' };
    case FrameType.Crashed: {
      const [head, stack] = split(frame);
      return { ...fields<Omit<Crashed, 'stack'>>(head, 'Crashed', CRASHED), type: 'crashed', stack };
    }
    default:
      throw new FrameError(`a loader sent a frame of type ${frame.type}, which only a session sends`);
  }
}

/** The protocol comes first: only a Hello of this one is known to have the other fields. */
function decodeHello(frame: Frame): LoaderMessage {
  const { protocol, loader, pid } = fields<Greeting>(frame, 'Hello', GREETING);
  if (protocol === PROTOCOL) return { ...fields<Hello>(frame, 'Hello', HELLO), type: 'hello' };
  return {
    type: 'other-protocol',
    protocol,
    ...(loader === undefined ? {} : { loader }),
    ...(pid === undefined ? {} : { pid }),
  };
}

const GREETING: Fields = { protocol: 'integer', loader: 'string|undefined', pid: 'integer|undefined' };
const HELLO: Fields = {
  protocol: 'integer',
  loader: 'string',
  token: 'string',
  pid: 'integer',
  ppid: 'integer',
  buildId: 'string',
  image: 'string',
  loadBias: 'string',
  window: { offset: 'integer', size: 'integer' },
  tls: { tpOffset: 'integer', size: 'integer', image: 'integer|undefined' },
  libraries: new ListOf('string'),
  patches: new ListOf('integer'),
  held: 'boolean',
};
const APPLIED: Fields = {
  patch: 'integer',
  functions: new ListOf({ symbol: 'string', old: 'string', new: 'string' }),
  ms: { load: 'integer|number', apply: 'integer|number' },
  pauseUs: 'integer|number',
  bytes: 'integer',
  busy: new ListOf({ symbol: 'string', old: 'string', threads: new ListOf('string') }),
};
const TEXT = 'string';
const REASON: Fields = { code: TEXT, subject: 'string', message: 'string', remedy: 'string' };
const REFUSED: Fields = { patch: 'integer|null', reasons: new ListOf(REASON) };
const UNDONE: Fields = { patch: 'integer' };
const UNLOADED: Fields = {
  unloaded: new ListOf({ patch: 'integer', bytes: 'integer' }),
  kept: new ListOf({ patch: 'integer', bytes: 'integer', by: 'string' }),
};
const INTEGER = 'integer';
const CRASHED: Fields = {
  signal: 'integer',
  code: INTEGER,
  pid: 'integer',
  tid: 'integer',
  thread: 'string',
  pc: 'string',
  address: 'string',
  sp: 'string',
  registers: 'object',
};

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** `u32 LE jsonLength`, JSON, bytes. */
function split(frame: Frame): [head: Frame, bytes: Buffer] {
  const end = 4 + (frame.payload.length < 4 ? 0 : frame.payload.readUInt32LE(0));
  if (end > frame.payload.length) throw new FrameError('a frame ends before its JSON does');
  return [{ type: frame.type, payload: frame.payload.subarray(4, end) }, frame.payload.subarray(end)];
}

function fields<T extends object>(frame: Frame, name: string, shape: Fields): T {
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

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value), 'utf8');
}
