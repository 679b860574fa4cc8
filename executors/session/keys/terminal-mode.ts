import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** `keys`: each key arrives at once and is not shown. `lines`: as we found it. */
export type TerminalMode = 'keys' | 'lines';

/**
 * The terminal must be as it was found however this process ends, SIGKILL included. So it is another process that
 * changes it: this shell holds a pipe to us, and puts the mode back when the pipe ends. It lives in a session of its
 * own (setsid), where neither Ctrl-C nor Ctrl-Z nor a signal to our group reaches it; tcsetattr(3) is allowed from
 * there. stty(1) comes with every Linux.
 *
 * Signals stay the terminal's affair (`isig` is left alone): Ctrl-C and Ctrl-Z do what they always do.
 */
const GUARD = `
saved=$(stty -g <&3) || exit 1
while read -r mode; do
  case $mode in
    keys) saved=$(stty -g) && stty -icanon -echo min 1 time 0 ;;
    lines) stty "$saved" ;;
  esac <&3
  echo "$mode"
done
stty "$saved" <&3
`;

export class TerminalGuard {
  readonly #answers: string[] = [];
  #waiting: (() => void)[] = [];
  #gone = false;

  private constructor(private readonly shell: ChildProcess) {
    const end = () => {
      this.#gone = true;
      this.#wake();
    };
    shell.once('error', end);
    shell.once('close', end);
    shell.stdin?.on('error', () => {});
    if (shell.stdout === null) return;
    createInterface({ input: shell.stdout }).on('line', (line) => {
      this.#answers.push(line);
      this.#wake();
    });
  }

  /** @param terminal descriptor of the terminal */
  static start(terminal: number): TerminalGuard {
    const stdio = ['pipe', 'pipe', 'ignore', terminal] as const;
    return new TerminalGuard(spawn('/bin/sh', ['-c', GUARD], { stdio: [...stdio], detached: true }));
  }

  /** @returns whether it is in that mode now; false when there is no terminal any more, or no stty. */
  async set(mode: TerminalMode): Promise<boolean> {
    if (this.#gone) return false;
    const before = this.#answers.length;
    this.shell.stdin?.write(`${mode}\n`);
    while (this.#answers.length === before) {
      if (this.#gone) return false;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.#answers.at(-1) === mode;
  }

  /** The terminal is as it was when this resolves. */
  async end(): Promise<void> {
    this.shell.stdin?.end();
    while (!this.#gone) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
