/** Saves that are not yet answered: files gather until nothing more arrives for the debounce time. */
export class Inbox {
  #files = new Set<string>();
  #at: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ready = false;
  #waiting: (() => void)[] = [];

  /** @param debounce milliseconds of quiet after which a save counts as complete. */
  constructor(private readonly debounce: number) {}

  /** @param at `performance.now()` at the notification; the earliest of a batch counts. */
  put(files: Iterable<string>, at: number): void {
    for (const file of files) this.#files.add(file);
    if (this.#files.size === 0) return;
    this.#at = Math.min(this.#at ?? at, at);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#announce(), this.debounce);
  }

  /** Resolves once a complete save lies here; stays resolved until it is taken. */
  arrived(): Promise<void> {
    return this.#ready ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
  }

  take(): { readonly files: ReadonlySet<string>; readonly at: number } | undefined {
    if (!this.#ready || this.#at === undefined) return undefined;
    const save = { files: this.#files, at: this.#at };
    this.#files = new Set();
    this.#at = undefined;
    this.#ready = false;
    return save;
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #announce(): void {
    this.#ready = true;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
