import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { workspaceDataDirectoryForWorkspace } from 'nx/src/utils/cache-directory';
import type { ScannedFile } from './scan';

/** Rises when the meaning of an entry changes. */
const FORMAT = 1;

/** What is known of the sources, on disk in Nx's own folder for such data. */
export class ScanCache {
  readonly files: Map<string, ScannedFile>;
  readonly #before: ReadonlyMap<string, ScannedFile>;
  readonly #file: string;

  constructor(nxRoot: string) {
    this.#file = path.join(workspaceDataDirectoryForWorkspace(nxRoot), 'nx-hotpatch', 'mentions.json');
    this.#before = read(this.#file);
    this.files = new Map(this.#before);
  }

  /** Writes what is new. A folder that cannot be written costs time, not correctness. */
  save(): void {
    const changed = [...this.files].some(([file, scanned]) => this.#before.get(file) !== scanned);
    if (!changed) return;
    const fresh = `${this.#file}.${process.pid}`;
    try {
      mkdirSync(path.dirname(this.#file), { recursive: true });
      writeFileSync(fresh, JSON.stringify({ format: FORMAT, files: Object.fromEntries(this.files) }));
      renameSync(fresh, this.#file);
    } catch {
      // A read-only checkout: the sources are read again next time.
    }
  }
}

function read(file: string): Map<string, ScannedFile> {
  try {
    const stored = JSON.parse(readFileSync(file, 'utf8')) as {
      format: number;
      files: Record<string, ScannedFile>;
    };
    return new Map(stored.format === FORMAT ? Object.entries(stored.files) : []);
  } catch {
    // Absent or damaged: it is a cache.
    return new Map();
  }
}
