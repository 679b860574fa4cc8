/**
 * Things that arrive (output lines, events) and are awaited by whoever expects one. Arrival order is kept, and what
 * nobody has taken yet is kept too, so it does not matter whether the wait or the arrival comes first.
 */
export class Mailbox {
  #waiting = [];
  #kept = [];
  #closed;

  post(item) {
    const index = this.#waiting.findIndex((wait) => wait.accepts(item));
    if (index < 0) {
      this.#kept.push(item);
      return;
    }
    const [wait] = this.#waiting.splice(index, 1);
    wait.resolve(item);
  }

  /** No more will come: present and future waits fail with `reason`. */
  close(reason) {
    this.#closed = reason;
    for (const wait of this.#waiting.splice(0))
      wait.reject(new Error(`${wait.what} did not come: ${reason}`));
  }

  /** The first item that `accepts` likes; earlier ones that it dislikes stay for others. */
  take(what, accepts, timeout) {
    const index = this.#kept.findIndex(accepts);
    if (index >= 0) return Promise.resolve(this.#kept.splice(index, 1)[0]);
    if (this.#closed) return Promise.reject(new Error(`${what} did not come: ${this.#closed}`));
    return new Promise((resolve, reject) => {
      const wait = { what, accepts, resolve: settle(resolve), reject: settle(reject) };
      this.#waiting.push(wait);
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(wait), 1);
        reject(new Error(`${what} did not come within ${timeout / 1000} s`));
      }, timeout);
      function settle(how) {
        return (value) => {
          clearTimeout(timer);
          how(value);
        };
      }
    });
  }

  get kept() {
    return this.#kept;
  }
}
