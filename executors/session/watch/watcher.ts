import { stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type FSWatcher, watch } from 'chokidar';
import { Digests } from './digests';

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
  /** @param at `performance.now()` at the notification. */
  readonly onChange: (file: string, at: number) => void;
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
  readonly #checks = new Map<string, Promise<void>>();

  private constructor(
    private readonly request: WatchRequest,
    private readonly watcher: FSWatcher,
  ) {
    this.#files = new Set(request.files);
    watcher.on('raw', (_event, path, details) => {
      const at = performance.now();
      const watched = (details as { readonly watchedPath?: string }).watchedPath;
      if (watched === undefined) return;
      // The kernel names a watched file itself like an entry of a watched folder; only one of the two exists.
      if (basename(watched) === path) this.#touched(watched, at);
      this.#touched(join(watched, path), at);
    });
    watcher.on('all', (_event, path) => this.#touched(path, performance.now()));
    // A folder that vanishes while it is scanned, or a spent inotify limit: what is watched stays watched.
    watcher.on('error', () => {});
  }

  /** Resolves when every folder and file is watched; what was edited between `since` and then is reported too. */
  static async start(request: WatchRequest): Promise<SourceWatcher> {
    const files = new Set(request.files);
    const watcher = watch([...request.folders, ...request.files], {
      ignoreInitial: true,
      ignorePermissionErrors: true,
      ignored: (path) => !files.has(path) && isIgnored(path, request),
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
      if (strayed !== undefined && strayed > since) this.request.onChange(file, strayed);
    }
  }

  async close(): Promise<void> {
    await this.watcher.close();
  }

  async #begin(file: string): Promise<void> {
    await this.#digests.changed(file);
    const modified = await stat(file).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    );
    if (modified > this.request.since - CLOCK_TICK_MS) this.request.onChange(file, performance.now());
  }

  #touched(file: string, at: number): void {
    if (!this.#files.has(file)) {
      if (isIgnored(file, this.request)) return;
      if (!file.endsWith('.rs') && !this.request.isWanted(file)) return;
    }
    // One check at a time for a file; the last notification's check sees the last content.
    const before = this.#checks.get(file) ?? Promise.resolve();
    const check = before.then(() => this.#check(file, at));
    this.#checks.set(file, check);
    void check.then(() => {
      if (this.#checks.get(file) === check) this.#checks.delete(file);
    });
  }

  async #check(file: string, at: number): Promise<void> {
    if (!(await this.#digests.changed(file))) return;
    if (this.#files.has(file) || this.request.isWanted(file)) this.request.onChange(file, at);
    else this.#strays.set(file, at);
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

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder + sep);
}
