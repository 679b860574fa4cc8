import { stripVTControlCharacters } from 'node:util';
import type { CrateDiagnostics, Diagnostic } from '../../pipeline/artifacts';

/** What of a compile a person has not seen yet. */
export interface Sifted {
  /** Every error, and the warnings that were not there before. */
  readonly fresh: readonly Diagnostic[];
  /** How many warnings are left out. */
  readonly asBefore: number;
}

/** Knows the warnings of each crate: rustc says all of them again in every compile. */
export class KnownWarnings {
  /** By crate, how often each stands there. */
  readonly #crates = new Map<string, ReadonlyMap<string, number>>();

  sift(crates: readonly CrateDiagnostics[]): Sifted {
    const fresh: Diagnostic[] = [];
    let asBefore = 0;
    for (const { crate, diagnostics } of crates) {
      const before = this.#crates.get(crate) ?? new Map<string, number>();
      const now = new Map<string, number>();
      for (const diagnostic of diagnostics) {
        if (isError(diagnostic)) {
          fresh.push(diagnostic);
          continue;
        }
        const identity = identityOf(diagnostic);
        const count = (now.get(identity) ?? 0) + 1;
        now.set(identity, count);
        if (count > (before.get(identity) ?? 0)) fresh.push(diagnostic);
        else asBefore++;
      }
      // A compile that fails ends before most lints: what it does not say may be there all the same.
      this.#crates.set(crate, diagnostics.some(isError) ? largest(before, now) : now);
    }
    return { fresh, asBefore };
  }
}

export function isError({ level }: Diagnostic): boolean {
  return level.startsWith('error');
}

/** Why rustc looks for such a thing at all. It says so with the first one of a kind, whichever that is. */
const LINT = /^= note: `#\[.*\n|^note: the lint level is defined here\n(?:(?:-->|\|).*\n)*/gm;

/** Everything but where in its file it stands, and the note about the lint. */
function identityOf({ level, code, message, file, rendered }: Diagnostic): string {
  const lines = stripVTControlCharacters(rendered)
    .split('\n')
    // `12 |`, whose width changes with the number too.
    .map((line) => line.replace(/^\s*\d*\s*(?=\||=|-->|:::|\.\.\.)/, '').trimEnd())
    .filter((line) => line !== '' && line !== '|');
  const text = `${lines.join('\n')}\n`.replace(LINT, '');
  return JSON.stringify([level, code, withoutPlaces(message), file, withoutPlaces(text)]);
}

/** `src/main.rs:12:5`, and `src/main.rs:12:5: 14:6` in the names of closures. */
function withoutPlaces(text: string): string {
  return text.replace(/:\d+:\d+(: \d+:\d+)?/g, '');
}

function largest(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): Map<string, number> {
  const all = new Map(a);
  for (const [identity, count] of b) all.set(identity, Math.max(count, a.get(identity) ?? 0));
  return all;
}
