import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { workspaceDataDirectoryForWorkspace } from 'nx/src/utils/cache-directory';
import type { CargoAnswer } from './metadata';

/** Bumped when the meaning of an entry changes, so that an older file is not misread. */
const FORMAT = 2;

interface Entry {
  /** Digest of everything that the answer depends on. */
  readonly key: string;
  readonly answer: CargoAnswer;
}

/** Answers of cargo by folder of the Cargo workspace, on disk in Nx's own folder for such data. */
export class MetadataCache {
  private readonly file: string;
  private readonly entries: Map<string, Entry>;
  private changed = false;

  constructor(nxRoot: string) {
    this.file = path.join(workspaceDataDirectoryForWorkspace(nxRoot), 'nx-hotpatch', 'cargo-metadata.json');
    this.entries = readEntries(this.file);
  }

  get(folder: string, key: string): CargoAnswer | undefined {
    const entry = this.entries.get(folder);
    return entry?.key === key ? entry.answer : undefined;
  }

  set(folder: string, key: string, answer: CargoAnswer): void {
    this.entries.set(folder, { key, answer });
    this.changed = true;
  }

  /**
   * Writes what is new. The daemon and a command may do so at once: each writes a file of its own and renames it, and
   * the loser's answers are asked for again. A folder that cannot be written costs time, not correctness.
   */
  save(): void {
    if (!this.changed) return;
    const fresh = `${this.file}.${process.pid}`;
    try {
      mkdirSync(path.dirname(this.file), { recursive: true });
      writeFileSync(fresh, JSON.stringify({ format: FORMAT, entries: Object.fromEntries(this.entries) }));
      renameSync(fresh, this.file);
      this.changed = false;
    } catch {
      // A read-only checkout: cargo is asked again next time.
    }
  }
}

function readEntries(file: string): Map<string, Entry> {
  try {
    const stored = JSON.parse(readFileSync(file, 'utf8')) as {
      format: number;
      entries: Record<string, Entry>;
    };
    return new Map(stored.format === FORMAT ? Object.entries(stored.entries) : []);
  } catch {
    // Absent or damaged: it is a cache.
    return new Map();
  }
}
