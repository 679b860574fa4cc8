import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type FSWatcher, watch } from 'chokidar';
import { Digests } from './digests';
import { QuietBatch } from './quiet-batch';

export interface WatchRequest {
  /** Folders that are watched with all that is in them, also what is created later. */
  readonly folders: readonly string[];
  /** Files that matter, inside of the folders or elsewhere. */
  readonly files: readonly string[];
  /** Folders that tools write into; nothing below them is seen, unless it is one of `files`. */
  readonly ignored: readonly string[];
  /** Wall-clock milliseconds at which the files' present use began: what is younger has been edited since. */
  readonly since: number;
  /** Whether a file that is none of `files` matters at this moment. */
  readonly isWanted: (file: string) => boolean;
  /** Milliseconds without a notification after which a save counts as complete. */
  readonly quietMs: number;
  /** @param at `performance.now()` at the first notification. */
  readonly onChange: (files: readonly string[], at: number) => void;
}

/** File times come from the kernel's coarse clock, which lags behind by up to one tick (10 ms at 100 Hz). */
const CLOCK_TICK_MS = 10;

/**
 * Tells which files have other content than before, as soon as the kernel says that they were touched.
 *
 * chokidar finds the folders and keeps up with new ones. What is listened to is its `raw` event, the bare inotify
 * notification: the refined ones come after a stat call, and of two changes within 50 ms the second is dropped, which
 * loses the real content when an editor truncates and then writes. Its other events serve for files that were in a new
 * folder before the folder was watched. Reading the content decides, so it does no harm that one save makes several
 * notifications, or that an editor renames a new file over the old one.
 */
export class SourceWatcher {
  readonly #digests = new Digests();
  readonly #files: Set<string>;
  /** Sources that no crate reads, with the time of their last change. */
  readonly #strays = new Map<string, number>();
  readonly #touched: QuietBatch;
  #checks: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(
    private readonly request: WatchRequest,
    private readonly watcher: FSWatcher,
  ) {
    this.#files = new Set(request.files);
    this.#touched = new QuietBatch(request.quietMs, (files) => {
      // One batch after the other, so that the last one sees the last content.
      this.#checks = this.#checks.then(() => this.#check(files));
    });
    watcher.on('raw', (_event, path, details) => {
      const at = performance.now();
      const watched = (details as { readonly watchedPath?: string }).watchedPath;
      if (watched === undefined) return;
      const entry = join(watched, path);
      if (basename(watched) === path) {
        // The kernel names a watched file itself like an entry of a watched folder; only one of the two exists.
        this.#touch(watched, at);
        if (!existsSync(entry)) return;
      }
      this.#touch(entry, at);
    });
    watcher.on('all', (_event, path) => this.#touch(path, performance.now()));
    // A folder that vanishes while it is scanned, or a spent inotify limit: what is watched stays watched.
    watcher.on('error', () => {});
  }

  /** Resolves when every folder and file is watched; what was edited between `since` and then is reported too. */
  static async start(request: WatchRequest): Promise<SourceWatcher> {
    const files = new Set(request.files);
    const watcher = watch([...request.folders, ...request.files], {
      ignoreInitial: true,
      ignorePermissionErrors: true,
      ignored: (path, stats) =>
        !files.has(path) &&
        (isIgnored(path, request) || (stats?.isDirectory() === true && isOtherPackage(path, request))),
    });
    const ready = new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
    const sources = new SourceWatcher(request, watcher);
    await ready;
    await Promise.all(request.files.map((file) => sources.#begin(file)));
    return sources;
  }

  /**
   * More files that matter from now on: those that a compile was the first to read.
   *
   * @param since `performance.now()` when that compile began; what changed later is reported at once.
   */
  add(files: readonly string[], since: number): void {
    for (const file of files) {
      if (this.#files.has(file)) continue;
      this.#files.add(file);
      this.watcher.add(file);
      if (!this.#digests.has(file)) void this.#digests.changed(file);
      const strayed = this.#strays.get(file);
      this.#strays.delete(file);
      if (strayed !== undefined && strayed > since) this.request.onChange([file], strayed);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#touched.close();
    await this.watcher.close();
  }

  async #begin(file: string): Promise<void> {
    await this.#digests.changed(file);
    const modified = await stat(file).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    );
    if (modified > this.request.since - CLOCK_TICK_MS) this.request.onChange([file], performance.now());
  }

  #touch(file: string, at: number): void {
    if (!this.#files.has(file)) {
      if (isIgnored(file, this.request)) return;
      if (!file.endsWith('.rs') && !this.request.isWanted(file)) return;
    }
    this.#touched.add(file, at);
  }

  async #check(files: ReadonlyMap<string, number>): Promise<void> {
    const changed = await Promise.all(
      [...files].map(async ([file, at]) => ({ file, at, changed: await this.#digests.changed(file) })),
    );
    if (this.#closed) return;
    const wanted: { readonly file: string; readonly at: number }[] = [];
    for (const each of changed.filter((one) => one.changed)) {
      if (this.#files.has(each.file) || this.request.isWanted(each.file)) wanted.push(each);
      else this.#strays.set(each.file, each.at);
    }
    if (wanted.length === 0) return;
    this.request.onChange(
      wanted.map(({ file }) => file),
      Math.min(...wanted.map(({ at }) => at)),
    );
  }
}

/** Version control, packages, and what editors write beside a file while they save it (vim's 4913, emacs's .#name). */
const IGNORED_NAMES = /(?:^|\/)(?:\.git|node_modules|4913|\.#[^/]*|[^/]*~|[^/]*\.sw[a-z])(?:\/|$)/;

/** Names count below the watched folders only: the workspace itself may lie in a folder of any name. */
function isIgnored(path: string, { folders, ignored }: WatchRequest): boolean {
  if (ignored.some((folder) => isWithin(path, folder))) return true;
  const folder = folders.find((each) => isWithin(path, each));
  return folder !== undefined && IGNORED_NAMES.test(path.slice(folder.length + 1));
}

/** A package in a package's folder is another project; what the crate reads of it is watched file by file. */
function isOtherPackage(folder: string, { folders }: WatchRequest): boolean {
  return (
    !folders.includes(folder) &&
    ['Cargo.toml', 'package.json'].some((manifest) => existsSync(join(folder, manifest)))
  );
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder + sep);
}
