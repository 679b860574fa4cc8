import { statSync } from 'node:fs';
import path from 'node:path';
import type { BuildRecord } from '../artifacts';
import type { ReplayedCrate } from './replayed-crate';

export type ChangeKind = 'source' | 'manifest' | 'unrelated';

/** What a session has to watch; paths are absolute. */
export interface Watched {
  readonly files: readonly string[];
  /** Folders of the packages: new files appear in them. */
  readonly folders: readonly string[];
}

/** Tells whom a file concerns. */
export class SourceMap {
  readonly #manifestFiles: ReadonlySet<string>;
  readonly #manifestFolders: readonly string[];

  constructor(
    private readonly record: BuildRecord,
    private readonly crates: readonly ReplayedCrate[],
  ) {
    const isFolder = (file: string) => statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
    this.#manifestFiles = new Set(record.manifests.filter((file) => !isFolder(file)));
    this.#manifestFolders = record.manifests.filter(isFolder);
  }

  /** Ids of the crates that were made from this file. */
  owners(file: string): readonly string[] {
    return this.crates.filter(({ sources }) => sources.has(file)).map(({ id }) => id);
  }

  /**
   * @param failed ids of the crates that do not compile at present. A file that nobody knows may be what they miss
   *   (`mod new;` was saved before `new.rs`), so that every file of their packages concerns them.
   */
  kindOfChange(file: string, failed: ReadonlySet<string>): ChangeKind {
    // A file that a build script asks for by name makes cargo run the script again, and only cargo can.
    if (this.#manifestFiles.has(file)) return 'manifest';
    // Build scripts often name the whole source folder; then no save at all could be patched.
    if (this.owners(file).length > 0) return 'source';
    if (isWithin(file, this.record.targetDir)) return 'unrelated';
    if (this.#manifestFolders.some((folder) => isWithin(file, folder))) return 'manifest';
    return this.packagesOf(failed).some((folder) => isWithin(file, folder)) ? 'source' : 'unrelated';
  }

  watched(): Watched {
    const sources = this.crates.flatMap((crate) => [...crate.sources]);
    const files = [...this.record.manifests, ...sources];
    return {
      // What lies in the target folder is made by build scripts, and their inputs are watched.
      files: [...new Set(files)].filter((file) => !isWithin(file, this.record.targetDir)),
      folders: this.packagesOf(new Set(this.crates.map(({ id }) => id))),
    };
  }

  private packagesOf(ids: ReadonlySet<string>): readonly string[] {
    const folders = this.crates
      .filter(({ id }) => ids.has(id))
      .map(({ record }) => record.env.CARGO_MANIFEST_DIR ?? path.dirname(record.root));
    return [...new Set(folders)];
  }
}

function isWithin(file: string, folder: string): boolean {
  return file.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep);
}
