import type { RefusedChange } from '../pipeline/diff';
import type { LiveBuild } from '../pipeline/live-build';
import type { UnloadOutcome } from '../pipeline/processes';
import { type TakenBack, undo } from '../pipeline/undo';
import { Unloader } from '../pipeline/unload';
import type { StatusEvent, UnloadedEvent } from './events';

/** The program is left alone for so long after a patch: often the next save follows at once. */
const REST_MS = 250;

/** The patches of one start of the program: taking them back, freeing them, telling of them. */
export class LivePatches {
  readonly #unloader: Unloader;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(
    private readonly build: LiveBuild,
    private readonly unloaded: (event: UnloadedEvent) => void,
  ) {
    this.#unloader = new Unloader(build);
  }

  async undo(patch: number | 'newest'): Promise<TakenBack | RefusedChange> {
    await this.pause();
    return undo(this.build, patch);
  }

  async status(pending: boolean): Promise<StatusEvent> {
    const host = await this.build.host;
    const patches = (await host.status()).map(({ patch, state, functions, bytes }) => ({
      patch,
      state: this.#unloader.isUnloaded(patch) ? ('unloaded' as const) : state,
      functions,
      bytes,
      keptBy: this.#unloader.keptBy(patch) ?? null,
    }));
    return {
      event: 'status',
      pids: this.build.processes.pids,
      patches,
      live: patches.filter(({ state }) => state === 'live').length,
      bytes: patches.filter(({ state }) => state !== 'unloaded').reduce((sum, { bytes }) => sum + bytes, 0),
      pending,
    };
  }

  /** Nothing is being patched: memory can be given back until `pause`. */
  rest(): void {
    this.#schedule(REST_MS);
  }

  /** Resolves when nothing is being unloaded any more; nothing will be until the next `rest`. */
  async pause(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#running;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.pause();
  }

  #schedule(ms: number): void {
    if (this.#closed || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#unload();
    }, ms).unref();
  }

  async #unload(): Promise<void> {
    try {
      for (const outcome of await this.#unloader.run()) this.unloaded(unloadedEvent(outcome));
    } catch {
      // The program or the engine is going away, which is told elsewhere; memory is freed with the process.
    }
    // Whoever paused meanwhile has taken the timer away, and starts it again by `rest`.
    if (this.#timer === undefined) return;
    this.#timer = undefined;
    const { retryIn } = this.#unloader;
    if (retryIn !== undefined) this.#schedule(Math.max(retryIn, REST_MS));
  }
}

function unloadedEvent({ pid, unloaded, kept }: UnloadOutcome): UnloadedEvent {
  return { event: 'unloaded', pid, patches: unloaded, kept };
}
