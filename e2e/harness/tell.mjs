/** `--tell`, as an editor or a script uses it while a session runs. */
import { strictEqual } from 'node:assert/strict';
import { withPatience } from './task.mjs';

/**
 * Tells the stage's session something and waits for the answer.
 *
 * @returns {Promise<{ code: number, text: string, event?: object }>} `event` with the option `json`
 */
export async function tell(stage, words, options = {}) {
  const { events: _, ...rest } = options;
  const task = await stage.start({
    target: 'hotpatch-tell',
    options: { events: undefined, tell: words, ...rest },
  });
  const { code, signal } = await withPatience(task.exit, `the answer to --tell=${words}`);
  strictEqual(signal, null, `--tell=${words} ends by itself`);
  const text = task.lines.kept.join('\n');
  return { code, text, words: task.output, ...(options.json && text ? { event: JSON.parse(text) } : {}) };
}
