import type { ReadStream } from 'node:tty';
import type { Command } from '../commands';
import { isForeground } from '../terminal';
import { actionOf, keyHelp } from './bindings';
import { Keyboard } from './keyboard';
import { readsInput } from './reads-input';

const STDIN = 0;

/** `auto`: on where the program leaves its standard input alone. */
export type KeysOption = 'auto' | 'on' | 'off';

export interface ConsoleOptions {
  readonly keys: KeysOption;
  readonly terminal: ReadStream;
  readonly command: (command: Command) => void;
  readonly stop: () => void;
  readonly say: (line: string) => void;
}

/**
 * The person at the terminal, whose keys belong either to the program or to the session, never to both.
 *
 * Both reading from one terminal would give each some of what is typed. So while the session takes keys, the program
 * finds its standard input at its end; and where nobody decided, the session takes them only from a program that has
 * no code to read input with.
 */
export class Console {
  #keyboard: Keyboard | undefined;
  #question: ((yes: boolean) => void) | undefined;

  constructor(private readonly options: ConsoleOptions) {}

  /** Whose input the terminal is. */
  get takesKeys(): boolean {
    return this.#keyboard !== undefined;
  }

  /** Decides for a program that is about to start, and gives what its standard input shall be. */
  async inputFor(image: string | undefined): Promise<'inherit' | 'ignore'> {
    const wanted = this.#wants(image);
    if (wanted && this.#keyboard === undefined) {
      this.#keyboard = await Keyboard.open(this.options.terminal, STDIN, (key) => this.#press(key));
    }
    if (!wanted) await this.close();
    return this.takesKeys ? 'ignore' : 'inherit';
  }

  /** Asks a yes-or-no question; false on any other key than `y`, and when the signal aborts. */
  async ask(question: string, signal: AbortSignal): Promise<boolean> {
    this.options.say(`${question} [y/N]`);
    return new Promise((resolve) => {
      this.#question = resolve;
      signal.addEventListener('abort', () => resolve(false), { once: true });
    });
  }

  /** The terminal is as it was when this resolves. */
  async close(): Promise<void> {
    const keyboard = this.#keyboard;
    this.#keyboard = undefined;
    await keyboard?.close();
  }

  #wants(image: string | undefined): boolean {
    const { keys, terminal } = this.options;
    if (keys === 'off' || !terminal.isTTY || !isForeground()) return false;
    return keys === 'on' || (image !== undefined && !readsInput(image));
  }

  #press(key: string): void {
    const question = this.#question;
    if (question !== undefined) {
      this.#question = undefined;
      question(key === 'y' || key === 'Y');
      return;
    }
    const action = actionOf(key);
    if (action === undefined) return;
    switch (action.kind) {
      case 'help':
        for (const line of keyHelp()) this.options.say(line);
        return;
      case 'stop':
        this.options.stop();
        return;
      default:
        this.options.command(action);
    }
  }
}
