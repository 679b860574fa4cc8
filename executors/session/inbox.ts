/** Saves that are not yet answered. */
export class Inbox {
  #files = new Set<string>();
  #at: number | undefined;
  #waiting: (() => void)[] = [];

  /** @param at `performance.now()` at the notification; the earliest of what lies here counts. */
  put(files: Iterable<string>, at: number): void {
    for (const file of files) this.#files.add(file);
    if (this.#files.size === 0) return;
    this.#at = Math.min(this.#at ?? at, at);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Resolves once a save lies here; stays resolved until it is taken. */
  arrived(): Promise<void> {
    return this.#at === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve();
  }

  take(): { readonly files: ReadonlySet<string>; readonly at: number } | undefined {
    if (this.#at === undefined) return undefined;
    const save = { files: this.#files, at: this.#at };
    this.#files = new Set();
    this.#at = undefined;
    return save;
  }
}
