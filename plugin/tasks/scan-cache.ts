import type { Stats } from 'node:fs';
import { StoredJson } from '../stored-json';
import { type Mentions, NOTHING } from './mentions';
import { isSettled } from './source-stamps';

/** Rises when the meaning of an entry changes. */
const FORMAT = 4;

/** A file's state, and what it mentions; nothing, as nearly all of them do, takes no room. */
type Entry = readonly [state: string, mentions?: Mentions];

/** What single source files mention. */
export class ScanCache {
  readonly #file: StoredJson<Readonly<Record<string, Entry>>>;
  readonly #known: Readonly<Record<string, Entry>>;
  readonly #new = new Map<string, Entry>();
  readonly #startedAt = Date.now();

  constructor(nxRoot: string) {
    this.#file = new StoredJson(nxRoot, 'mentions', FORMAT);
    this.#known = this.#file.read() ?? {};
  }

  /** Undefined when the file was never read in this state. */
  get(file: string, stats: Stats): Mentions | undefined {
    const entry = this.#known[file];
    return entry?.[0] === stateOf(stats) ? (entry[1] ?? NOTHING) : undefined;
  }

  /** A file that has just changed is read again the next time: another change may not show. */
  set(file: string, stats: Stats, mentions: Mentions): void {
    if (!isSettled(Math.max(stats.ctimeMs, stats.mtimeMs), this.#startedAt)) return;
    this.#new.set(file, mentions === NOTHING ? [stateOf(stats)] : [stateOf(stats), mentions]);
  }

  /** Writes what is new. */
  save(): void {
    if (this.#new.size > 0) this.#file.write({ ...this.#known, ...Object.fromEntries(this.#new) });
  }
}

/** With the time of change, which no program can set back; on some file systems only that of modification moves. */
function stateOf({ ino, size, ctimeMs, mtimeMs }: Stats): string {
  return `${ino} ${size} ${ctimeMs} ${mtimeMs}`;
}
