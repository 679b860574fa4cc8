import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { workspaceDataDirectoryForWorkspace } from 'nx/src/utils/cache-directory';
import type { CargoAnswer } from './metadata';

/** Bumped when the meaning of an entry changes, so that an older file is not misread. */
const FORMAT = 4;

interface Entry {
  /** Digest of everything that the answer depends on. */
  readonly key: string;
  readonly answer: CargoAnswer;
}

/**
 * How many answers are kept for a workspace. `include` and `exclude` beside the plugin in nx.json leave files out when Nx
 * asks for projects, and not when it asks for dependencies; with one answer each would push out the other's, and cargo
 * would run on every graph.
 */
const KEPT = 2;

/** Answers of cargo by folder of the Cargo workspace, on disk in Nx's own folder for such data. */
export class MetadataCache {
  private readonly file: string;
  /** The newest first. */
  private readonly entries: Map<string, readonly Entry[]>;
  private changed = false;

  constructor(nxRoot: string) {
    this.file = path.join(workspaceDataDirectoryForWorkspace(nxRoot), 'nx-hotpatch', 'cargo-metadata.json');
    this.entries = readEntries(this.file);
  }

  get(folder: string, key: string): CargoAnswer | undefined {
    return this.entries.get(folder)?.find((entry) => entry.key === key)?.answer;
  }

  set(folder: string, key: string, answer: CargoAnswer): void {
    this.entries.set(folder, [{ key, answer }, ...(this.entries.get(folder) ?? [])].slice(0, KEPT));
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

function readEntries(file: string): Map<string, readonly Entry[]> {
  try {
    const stored = JSON.parse(readFileSync(file, 'utf8')) as {
      format: number;
      entries: Record<string, readonly Entry[]>;
    };
    return new Map(stored.format === FORMAT ? Object.entries(stored.entries) : []);
  } catch {
    // Absent or damaged: it is a cache.
    return new Map();
  }
}
