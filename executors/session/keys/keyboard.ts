import type { ReadStream } from 'node:tty';
import { isForeground } from '../terminal';
import { TerminalGuard } from './terminal-mode';

/** How soon a session in the background notices that it has the terminal again. */
const LOOK_MS = 500;

/**
 * Reads single keys from the terminal for as long as we are in its foreground.
 *
 * Ctrl-Z and `fg` are job control: before we stop, the terminal gets its own mode back for the shell, and when we go on
 * in the foreground we take the keys again. In the background we read nothing, because whoever reads from a terminal
 * there is stopped for it (SIGTTIN).
 */
export class Keyboard {
  #lookAgain: NodeJS.Timeout | undefined;
  readonly #suspend = () => void this.#stop();
  readonly #resume = () => void this.#listen();
  readonly #data = (chunk: Buffer) => {
    for (const key of chunk.toString('utf8')) this.pressed(key);
  };

  private constructor(
    private readonly terminal: ReadStream,
    private readonly guard: TerminalGuard,
    private readonly pressed: (key: string) => void,
  ) {}

  /** Undefined when the terminal cannot be brought into that mode. */
  static async open(
    terminal: ReadStream,
    descriptor: number,
    pressed: (key: string) => void,
  ): Promise<Keyboard | undefined> {
    const guard = TerminalGuard.start(descriptor);
    const keyboard = new Keyboard(terminal, guard, pressed);
    if (!(await guard.set('keys'))) {
      await guard.end();
      return undefined;
    }
    process.on('SIGTSTP', keyboard.#suspend);
    process.on('SIGCONT', keyboard.#resume);
    terminal.on('data', keyboard.#data);
    // The terminal can vanish (its window was closed); SIGHUP comes as well, and ends us.
    terminal.on('error', () => {});
    terminal.resume();
    return keyboard;
  }

  async close(): Promise<void> {
    clearTimeout(this.#lookAgain);
    process.off('SIGTSTP', this.#suspend);
    process.off('SIGCONT', this.#resume);
    this.terminal.off('data', this.#data);
    this.terminal.pause();
    await this.guard.end();
  }

  async #stop(): Promise<void> {
    this.terminal.pause();
    await this.guard.set('lines');
    // With a listener there is no default action any more, and this one cannot be caught.
    process.kill(process.pid, 'SIGSTOP');
  }

  async #listen(): Promise<void> {
    clearTimeout(this.#lookAgain);
    // A job that runs in the background is fetched with `fg` without a signal: it has to look.
    if (!isForeground()) {
      this.#lookAgain = setTimeout(this.#resume, LOOK_MS).unref();
      return;
    }
    await this.guard.set('keys');
    this.terminal.resume();
  }
}
