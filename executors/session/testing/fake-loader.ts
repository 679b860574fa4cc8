import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { encodeFrame, type Frame, FrameDecoder, FrameType } from '../loader-connection/frames';
import type { Hello } from '../loader-connection/messages';

/** The loader's end of a connection, for tests: it says what it is told to, and notes what it hears. */
export class FakeLoader {
  readonly heard: Frame[] = [];
  readonly closed: Promise<void>;
  #waiting: (() => void)[] = [];

  private constructor(private readonly socket: Socket) {
    const decoder = new FrameDecoder();
    socket.on('data', (chunk) => {
      this.heard.push(...decoder.push(chunk));
      this.#wake();
    });
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.once('close', () => this.#wake());
  }

  static async connect(path: string): Promise<FakeLoader> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new FakeLoader(socket);
  }

  /** Connects and says an acceptable Hello, changed as asked for. */
  static async meet(path: string, changes: Partial<Hello> = {}): Promise<FakeLoader> {
    const loader = await FakeLoader.connect(path);
    loader.say(FrameType.Hello, { ...helloTo(path), ...changes });
    return loader;
  }

  say(type: FrameType, payload: object): void {
    this.socket.write(encodeFrame(type, Buffer.from(JSON.stringify(payload))));
  }

  raw(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  /** The n-th frame that was heard; rejects when the connection closes before. */
  async frame(n: number): Promise<Frame> {
    for (;;) {
      const frame = this.heard[n];
      if (frame !== undefined) return frame;
      if (this.socket.destroyed) throw new Error(`closed after ${this.heard.length} frames`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Answers the n-th frame, an Apply, and returns the patch's number and image. */
  async applied(n: number): Promise<{ readonly patch: number; readonly image: string }> {
    const apply = readApply(await this.frame(n));
    this.say(FrameType.Applied, {
      patch: apply.patch,
      functions: [],
      ms: { load: 0.5, apply: 1.5 },
      pauseUs: 0,
      bytes: apply.image.length,
      busy: [],
    });
    return apply;
  }

  hangUp(): void {
    this.socket.destroy();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

export function readApply({ payload }: Frame): { readonly patch: number; readonly image: string } {
  const end = 4 + payload.readUInt32LE(0);
  const { patch } = JSON.parse(payload.subarray(4, end).toString()) as { patch: number };
  return { patch, image: payload.subarray(end).toString() };
}

function helloTo(path: string): Hello {
  return {
    protocol: 2,
    loader: '0.1.0',
    token: readFileSync(join(dirname(path), 'token'), 'utf8'),
    pid: 4711,
    ppid: 1,
    buildId: 'abc123',
    image: '/app',
    loadBias: '0x555555554000',
    window: { offset: -536870912, size: 268435456 },
    tls: { tpOffset: -16384, size: 16384 },
    libraries: [],
    patches: [],
    held: false,
  };
}
