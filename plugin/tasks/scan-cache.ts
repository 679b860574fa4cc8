import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { workspaceDataDirectoryForWorkspace } from 'nx/src/utils/cache-directory';
import { type Mentions, NOTHING } from './mentions';

/** Rises when the meaning of an entry changes. */
const FORMAT = 2;

/** Size and modification time of a file, and what it mentions; nothing, as nearly all of them do, takes no room. */
type Entry = readonly [size: number, mtimeMs: number, mentions?: Mentions];

/** What the file of a workspace held when it was read or written last: one process builds the graph on every save. */
const held = new Map<string, { readonly stamp: string; readonly entries: Map<string, Entry> }>();

/** What is known of the sources, on disk in Nx's own folder for such data. */
export class ScanCache {
  readonly #file: string;
  readonly #entries: Map<string, Entry>;
  #changed = false;

  constructor(nxRoot: string) {
    this.#file = path.join(workspaceDataDirectoryForWorkspace(nxRoot), 'nx-hotpatch', 'mentions.json');
    const stamp = stampOf(this.#file);
    const known = held.get(this.#file);
    this.#entries = known?.stamp === stamp ? known.entries : read(this.#file);
    held.set(this.#file, { stamp, entries: this.#entries });
  }

  /** Undefined when the file was never read as of this size and time. */
  get(file: string, size: number, mtimeMs: number): Mentions | undefined {
    const entry = this.#entries.get(file);
    return entry?.[0] === size && entry[1] === mtimeMs ? (entry[2] ?? NOTHING) : undefined;
  }

  set(file: string, size: number, mtimeMs: number, mentions: Mentions): void {
    this.#entries.set(file, mentions === NOTHING ? [size, mtimeMs] : [size, mtimeMs, mentions]);
    this.#changed = true;
  }

  /** Writes what is new. A folder that cannot be written costs time, not correctness. */
  save(): void {
    if (!this.#changed) return;
    const fresh = `${this.#file}.${process.pid}`;
    try {
      mkdirSync(path.dirname(this.#file), { recursive: true });
      const files = Object.fromEntries(this.#entries);
      writeFileSync(fresh, JSON.stringify({ format: FORMAT, files }));
      renameSync(fresh, this.#file);
      held.set(this.#file, { stamp: stampOf(this.#file), entries: this.#entries });
    } catch {
      // A read-only checkout: the sources are read again next time.
    }
  }
}

function read(file: string): Map<string, Entry> {
  try {
    const stored = JSON.parse(readFileSync(file, 'utf8')) as { format: number; files: Record<string, Entry> };
    if (stored.format === FORMAT) return new Map(Object.entries(stored.files));
  } catch {
    // Absent or damaged: it is a cache.
  }
  return new Map();
}

/** Another process replaces the file as a whole, so it has another inode then. */
function stampOf(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? '' : `${stats.ino} ${stats.size} ${stats.mtimeMs}`;
}
