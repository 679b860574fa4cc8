import { reachesTerminal } from '../pipeline/terminal';

/** How long a person waits without a word. */
const PATIENCE_MS = 1_000;
const AGAIN_MS = { onTerminal: 250, inLog: 10_000 };
/** Fits on narrow terminals: what is longer than a line cannot be written over. */
const WIDTH = 76;
/** ECMA-48: go to the line's begin, erase it. */
const ERASE = '\r\u001b[2K';

/**
 * Tells what a task does as soon as it takes longer than a second: on a terminal in one line, which is gone in the end, and
 * in a log by a line now and then.
 */
export class Progress {
  readonly #first: NodeJS.Timeout;
  #again: NodeJS.Timeout | undefined;
  #shown = false;

  constructor(
    private readonly now: () => string,
    private readonly terminal = reachesTerminal(),
    private readonly write: (text: string) => void = (text) => void process.stderr.write(text),
  ) {
    this.#first = setTimeout(() => {
      this.#show();
      const pause = this.terminal ? AGAIN_MS.onTerminal : AGAIN_MS.inLog;
      this.#again = setInterval(() => this.#show(), pause);
    }, PATIENCE_MS);
  }

  /** A line that stays. */
  say(line: string): void {
    this.#erase();
    this.write(`${line}\n`);
  }

  end(): void {
    clearTimeout(this.#first);
    clearInterval(this.#again);
    this.#erase();
  }

  #show(): void {
    const line = `… ${this.now()}`;
    this.write(this.terminal ? `${ERASE}${line.slice(0, WIDTH)}` : `${line}\n`);
    this.#shown = this.terminal;
  }

  #erase(): void {
    if (this.#shown) this.write(ERASE);
    this.#shown = false;
  }
}
