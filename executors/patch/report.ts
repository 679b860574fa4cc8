import type { PatchAttempt } from './make-patch';

/** What `report.json` says; times in milliseconds. */
export function reportOf(attempt: PatchAttempt, ms: number): object {
  const { outcome } = attempt;
  switch (outcome) {
    case 'patched':
      return { outcome, functions: attempt.functions, notes: attempt.notes, bytes: attempt.bytes.length, ms };
    case 'unchanged':
      return { outcome, notes: attempt.notes, ms };
    case 'refused':
      return { outcome, reasons: attempt.reasons, ms };
    case 'compile-error':
      return {
        outcome,
        diagnostics: attempt.diagnostics.map(({ rendered: _, ...diagnostic }) => diagnostic),
        ms,
      };
  }
}

/** @param folder where patch and report lie, as a person would name it */
export function reportLines(attempt: PatchAttempt, folder: string): string {
  switch (attempt.outcome) {
    case 'patched': {
      const names = attempt.functions.map(({ change, name }) => `  ${change} ${name}\n`).join('');
      return `✓ patched: ${attempt.bytes.length} bytes in ${folder}/patch.so\n${names}${notes(attempt.notes)}`;
    }
    case 'unchanged':
      return `✓ nothing to do: nothing that runs has changed\n${notes(attempt.notes)}`;
    case 'refused':
      return attempt.reasons.map(({ message, remedy }) => `✗ refused: ${message} ${remedy}\n`).join('');
    case 'compile-error':
      return `${attempt.diagnostics.map(({ rendered }) => rendered).join('')}✗ the present sources do not compile\n`;
  }
}

function notes(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}\n`).join('');
}
