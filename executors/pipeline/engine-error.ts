import type { Reason } from './artifacts';
import { Refusal } from './refusal';

/** What to do about the files that the engine cannot use; the codes are explained in LIMITS.md. */
const REMEDIES: Readonly<Record<string, string>> = {
  'stripped-image': 'Build it with `strip = "none"`, and do not strip it after the link.',
  'foreign-image': 'Start it by `nx run`; do not change the image after the link.',
  'corrupt-object': 'Save again; remove `hotpatch` in the target folder if it stays.',
};

/**
 * The engine rejects with one sentence, `<file>: <what>`, that ends with a code in parentheses when the file is at
 * fault: `/target/app: is stripped: it has no symbol table (stripped-image).`
 */
export function asRefusal(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const [, sentence, named] = /^(.*?)(?: \(([a-z]+(?:-[a-z]+)+)\))?\.?$/s.exec(error.message) ?? [];
  // The readers of objects say `damaged object` at each of their checks, without the code.
  const code = named ?? (/: damaged object:/.test(error.message) ? 'corrupt-object' : undefined);
  const remedy = code === undefined ? undefined : REMEDIES[code];
  if (code === undefined || remedy === undefined || sentence === undefined) return error;
  const subject = sentence.slice(0, Math.max(sentence.indexOf(': '), 0));
  const reason: Reason = { code, subject, message: `${sentence}.`, remedy };
  return new Refusal([reason]);
}
