import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { workspaceDataDirectoryForWorkspace } from 'nx/src/utils/cache-directory';

/** What a file held when it was read or written last: one process builds the graph on every save. */
const held = new Map<string, { readonly stamp: string; readonly value: unknown }>();

/** A value that outlives the process, on disk in Nx's own folder for such data. It is a cache: it may be gone at any time. */
export class StoredJson<T> {
  readonly #file: string;

  /** @param format rises when the meaning of a value changes, so that an older file is not misread */
  constructor(
    nxRoot: string,
    name: string,
    private readonly format: number,
  ) {
    this.#file = path.join(workspaceDataDirectoryForWorkspace(nxRoot), 'nx-hotpatch', `${name}.json`);
  }

  /** Not to be changed by the caller. Undefined when there is none, when it is of another format, and when it is damaged. */
  read(): T | undefined {
    try {
      const stamp = stampOf(this.#file);
      const known = held.get(this.#file);
      if (known?.stamp === stamp) return known.value as T;
      const value = this.#parse();
      held.set(this.#file, { stamp, value });
      return value;
    } catch {
      return undefined;
    }
  }

  /**
   * The daemon and a command may write at once: each writes a file of its own and renames it, and what the loser knew is
   * found out again. A folder that cannot be written, as in a read-only checkout, costs time, not correctness.
   */
  write(value: T): void {
    const fresh = `${this.#file}.${process.pid}`;
    const json = JSON.stringify(value);
    try {
      mkdirSync(path.dirname(this.#file), { recursive: true });
      writeFileSync(fresh, `${this.#digest(json)}\n${json}`);
      renameSync(fresh, this.#file);
      held.set(this.#file, { stamp: stampOf(this.#file), value });
    } catch {
      // Not written.
    }
  }

  /** @throws Error when it is no file of ours */
  #parse(): T | undefined {
    const text = readFileSync(this.#file, 'utf8');
    const end = text.indexOf('\n');
    const json = text.slice(end + 1);
    return text.slice(0, end) === this.#digest(json) ? (JSON.parse(json) as T) : undefined;
  }

  /** What a task depends on is taken from such files, so a file that was cut short or changed must not pass for one of ours. */
  #digest(json: string): string {
    return createHash('sha256').update(`${this.format}\n${json}`).digest('hex');
  }
}

/** Another process replaces the file as a whole, so it has another inode then. */
function stampOf(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? 'none' : `${stats.ino} ${stats.size} ${stats.ctimeMs}`;
}
