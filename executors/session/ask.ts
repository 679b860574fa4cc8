import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { isForeground } from './terminal';

/**
 * Asks a yes-or-no question on the terminal. The answer is read from /dev/tty, not from standard input, which is the
 * program's. A program that reads its terminal at the same moment competes for the line.
 *
 * @returns false without a terminal, on any other answer than yes, and when the signal aborts.
 */
export async function askOnTerminal(
  question: string,
  write: (text: string) => void,
  signal: AbortSignal,
): Promise<boolean> {
  // Reading from a terminal in the background would stop us (SIGTTIN).
  if (!isForeground()) return false;
  const input = createReadStream('/dev/tty');
  const reader = createInterface({ input });
  try {
    const answer = new Promise<string>((resolve) => {
      input.once('error', () => resolve(''));
      reader.once('line', resolve);
      reader.once('close', () => resolve(''));
      signal.addEventListener('abort', () => resolve(''), { once: true });
    });
    write(`${question} [y/N] `);
    return /^y(es)?$/i.test((await answer).trim());
  } finally {
    reader.close();
    input.destroy();
  }
}
