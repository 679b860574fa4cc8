/** A stream of notifications must not hold back a save for longer than this many times the quiet time. */
const PATIENCE = 25;

/**
 * Gathers files until nothing more arrives for a while. An editor truncates and then writes, or saves several files at
 * once: what is read in between is not what was saved.
 */
export class QuietBatch {
  #files = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #since = 0;

  /**
   * @param quietMs milliseconds without a notification after which the batch is complete
   * @param complete gets each file with the time of its first notification
   */
  constructor(
    private readonly quietMs: number,
    private readonly complete: (files: ReadonlyMap<string, number>) => void,
  ) {}

  /** @param at `performance.now()` at the notification */
  add(file: string, at: number): void {
    if (this.#files.size === 0) this.#since = at;
    if (!this.#files.has(file)) this.#files.set(file, at);
    if (this.#timer !== undefined && at - this.#since > PATIENCE * this.quietMs) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#flush(), this.quietMs);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#files.clear();
  }

  #flush(): void {
    this.#timer = undefined;
    const files = this.#files;
    this.#files = new Map();
    this.complete(files);
  }
}
