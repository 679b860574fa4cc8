import path from 'node:path';
import { programFiles } from '../cargo/program-files';
import { sameItems } from '../same-items';
import { StoredJson } from '../stored-json';
import type { SourceScan } from './scan';
import type { ScanCache } from './scan-cache';
import { isSettled, type SourceStamp, sourceStamps } from './source-stamps';

/** Rises when the meaning of an entry changes. */
const FORMAT = 1;

/** Files are looked at where a package has changed, which most have not. */
const scanning = () => ({
  ...(require('./scan') as typeof import('./scan')),
  ...(require('./scan-cache') as typeof import('./scan-cache')),
});

/** What was found in a package when it had this stamp. */
interface Found {
  readonly stamp: string;
  /** As `programFiles` gives them. */
  readonly programs: readonly string[];
  /** Folders of packages inside of it: their files are not its own. */
  readonly nested: readonly string[];
  readonly scan: SourceScan;
}

/** What the sources of packages tell. Files are looked at one by one in packages whose stamp is another than it was. */
export class PackageSources {
  readonly #file: StoredJson<readonly (readonly [folder: string, found: Found])[]>;
  readonly #known: ReadonlyMap<string, Found>;
  readonly #new = new Map<string, Found>();
  readonly #stamps = new Map<string, SourceStamp>();
  readonly #startedAt = Date.now();
  #files: ScanCache | undefined;

  private constructor(private readonly nxRoot: string) {
    this.#file = new StoredJson(nxRoot, 'sources', FORMAT);
    this.#known = new Map(this.#file.read());
  }

  /** @param manifests Cargo.toml files, relative to `nxRoot` */
  static async open(nxRoot: string, manifests: readonly string[]): Promise<PackageSources> {
    const sources = new PackageSources(nxRoot);
    const folders = manifests.map((file) => path.posix.dirname(file));
    // Others have no tasks, as far as is known, and their folders may hold anything.
    await sources.stamp(folders.filter((folder) => sources.#known.has(folder)));
    return sources;
  }

  /** To be called before the packages are scanned: what is found is known again by the state that they had before. */
  async stamp(folders: readonly string[]): Promise<void> {
    const missing = folders.filter((folder) => !this.#stamps.has(folder));
    for (const [folder, stamp] of await sourceStamps(this.nxRoot, missing)) this.#stamps.set(folder, stamp);
  }

  /** `programFiles` of the package in a folder. */
  programs(folder: string): readonly string[] {
    return this.#unchanged(folder)?.programs ?? programFiles(path.join(this.nxRoot, folder));
  }

  /** @param nested folders of packages inside of it */
  scan(folder: string, nested: readonly string[]): SourceScan {
    const known = this.#unchanged(folder);
    if (known !== undefined && sameItems(known.nested, nested)) return known.scan;
    const { scanSources, ScanCache } = scanning();
    this.#files ??= new ScanCache(this.nxRoot);
    const { scan, isWhole } = scanSources(this.nxRoot, folder, nested, this.#files);
    const state = this.#stamps.get(folder);
    if (isWhole && state !== undefined && isSettled(state.newest, this.#startedAt)) {
      this.#new.set(folder, { stamp: state.stamp, programs: this.programs(folder), nested, scan });
    }
    return scan;
  }

  /** Keeps what was found for the next time. */
  save(): void {
    this.#files?.save();
    if (this.#new.size > 0) this.#file.write([...new Map([...this.#known, ...this.#new])]);
  }

  #unchanged(folder: string): Found | undefined {
    const known = this.#known.get(folder);
    return known !== undefined && known.stamp === this.#stamps.get(folder)?.stamp ? known : undefined;
  }
}
