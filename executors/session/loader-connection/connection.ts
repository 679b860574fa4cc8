import type { Socket } from 'node:net';
import type { PatchImage, Reason } from '../../pipeline/artifacts';
import type { DeliveryOutcome } from '../../pipeline/processes';
import { FrameDecoder } from './frames';
import type { Crashed, Greeting, Hello, LoaderMessage, Unloaded, Welcome } from './messages';
import {
  decodeLoaderMessage,
  encodeApply,
  encodeGo,
  encodeRefused,
  encodeUndo,
  encodeUnload,
  encodeWelcome,
} from './messages';

/** A loader says Hello as soon as it has connected; who says nothing for this long is not a loader. */
const HELLO_TIMEOUT_MS = 10_000;

interface Waiter {
  readonly answers: (message: LoaderMessage) => boolean;
  readonly settle: (message: LoaderMessage | undefined) => void;
}

export interface ConnectionEvents {
  /** The verdict on who connected: reasons to refuse it, or none. Called once, before anything else. */
  judge(hello: Hello): readonly Reason[];
  /** Why one that speaks another protocol cannot be served. */
  otherProtocol(greeting: Greeting): Reason;
  joined(connection: LoaderConnection): void;
  /** The loader or the session refused to go on, outside of a patch; the connection is closing. */
  refused(pid: number | undefined, reasons: readonly Reason[]): void;
  applied?(connection: LoaderConnection, image: PatchImage): void;
  gone(connection: LoaderConnection): void;
}

/**
 * One process of the program. Requests are answered in the order they were sent, one at a time, because the loader
 * works on one patch at a time.
 */
export class LoaderConnection {
  /** Patches that the process has or that are on their way to it. */
  readonly patches = new Set<number>();
  /** What the process said of its end. */
  crash: Crashed | undefined;
  #hello: Hello | undefined;
  #waiters: Waiter[] = [];
  #closed = false;
  #following: Promise<unknown> = Promise.resolve();
  readonly #decoder = new FrameDecoder();

  constructor(
    private readonly socket: Socket,
    private readonly welcome: Welcome,
    private readonly events: ConnectionEvents,
  ) {
    // A frame must leave at once: a patch is small and a person waits for it.
    socket.setNoDelay();
    socket.setTimeout(HELLO_TIMEOUT_MS, () => socket.destroy());
    socket.on('data', (chunk) => this.#read(chunk));
    // What an error means here is that the process is gone; 'close' follows and says so.
    socket.on('error', () => {});
    socket.on('close', () => this.#close());
  }

  /** @throws when called before the loader's Hello was accepted. */
  get hello(): Hello {
    if (this.#hello === undefined) throw new Error('the loader has not said Hello yet');
    return this.#hello;
  }

  apply(image: PatchImage): Promise<DeliveryOutcome> {
    this.patches.add(image.patch);
    return this.#following.then(() => this.#apply(image));
  }

  /**
   * Applies patches that other processes have had before. Each is sent when the one before it is live, and what is to be
   * applied meanwhile comes behind all of them: a patch means nothing without those that it builds on.
   *
   * @returns why one was refused; those behind it were not sent
   */
  follow(images: readonly PatchImage[]): Promise<readonly Reason[] | undefined> {
    for (const { patch } of images) this.patches.add(patch);
    const followed = this.#following.then(() => this.#follow(images));
    this.#following = followed;
    return followed;
  }

  async #follow(images: readonly PatchImage[]): Promise<readonly Reason[] | undefined> {
    for (const image of images) {
      const outcome = await this.#apply(image);
      if (outcome.kind === 'refused') {
        this.close();
        return outcome.reasons;
      }
      if (outcome.kind === 'gone') return undefined;
    }
    return undefined;
  }

  async #apply(image: PatchImage): Promise<DeliveryOutcome> {
    const frame = encodeApply({ patch: image.patch, image: image.bytes });
    const answer = await this.#request(frame, about(image.patch));
    if (answer?.type === 'refused') {
      this.patches.delete(image.patch);
      return { kind: 'refused', reasons: answer.reasons };
    }
    if (answer?.type !== 'applied') return { kind: 'gone' };
    this.events.applied?.(this, image);
    const { patch, functions, ms, pauseUs, busy } = answer;
    return { kind: 'applied', acknowledgement: { pid: this.hello.pid, patch, functions, ms, pauseUs, busy } };
  }

  async undo(patch: number): Promise<void> {
    const answer = await this.#request(encodeUndo(patch), about(patch));
    if (answer?.type === 'undone') this.patches.delete(patch);
  }

  /** @returns nothing when the process ended meanwhile. */
  async unload(patches: readonly number[]): Promise<Unloaded | undefined> {
    const answer = await this.#request(encodeUnload(patches), ({ type }) => type === 'unloaded');
    return answer?.type === 'unloaded' ? answer : undefined;
  }

  /** Lets a held program go on into `main`. */
  go(): void {
    this.socket.write(encodeGo());
  }

  close(): void {
    this.socket.destroy();
  }

  #request(frame: Buffer, answers: Waiter['answers']): Promise<LoaderMessage | undefined> {
    if (this.#closed || this.socket.destroyed) return Promise.resolve(undefined);
    return new Promise((settle) => {
      this.#waiters.push({ answers, settle });
      this.socket.write(frame);
    });
  }

  #read(chunk: Buffer): void {
    try {
      for (const frame of this.#decoder.push(chunk)) {
        if (this.socket.destroyed) return;
        this.#receive(decodeLoaderMessage(frame));
      }
    } catch {
      // Protocol: an unknown type, a frame that is too long or bad JSON closes the connection.
      this.socket.destroy();
    }
  }

  #receive(message: LoaderMessage): void {
    if (this.#hello === undefined) {
      this.#meet(message);
      return;
    }
    if (message.type === 'hello' || message.type === 'other-protocol') throw new Error('a second Hello');
    if (message.type === 'crashed') {
      // Two threads can crash at once; the first is the cause as far as anybody can tell. A copy lets its chunk go.
      this.crash ??= { ...message, stack: Buffer.from(message.stack) };
      return;
    }
    if (message.type === 'refused' && message.patch === null) {
      this.events.refused(this.#hello.pid, message.reasons);
      this.socket.destroy();
      return;
    }
    const waiter = this.#waiters.shift();
    if (waiter === undefined || !waiter.answers(message)) throw new Error('an answer to no request');
    waiter.settle(message);
  }

  #meet(message: LoaderMessage): void {
    if (message.type === 'refused') {
      this.events.refused(undefined, message.reasons);
      this.socket.destroy();
      return;
    }
    if (message.type === 'other-protocol') {
      this.#turnDown(message.pid, [this.events.otherProtocol(message)]);
      return;
    }
    if (message.type !== 'hello') throw new Error('a first frame that is no Hello');
    const reasons = this.events.judge(message);
    if (reasons.length > 0) {
      this.#turnDown(message.pid, reasons);
      return;
    }
    this.#hello = message;
    for (const patch of message.patches) this.patches.add(patch);
    this.socket.setTimeout(0);
    this.socket.write(encodeWelcome(this.welcome));
    this.events.joined(this);
  }

  #turnDown(pid: number | undefined, reasons: readonly Reason[]): void {
    this.socket.end(encodeRefused({ patch: null, reasons }));
    this.events.refused(pid, reasons);
  }

  #close(): void {
    this.#closed = true;
    for (const { settle } of this.#waiters.splice(0)) settle(undefined);
    if (this.#hello !== undefined) this.events.gone(this);
  }
}

function about(patch: number): Waiter['answers'] {
  return (message) => 'patch' in message && message.patch === patch;
}
