import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { CrateRecord, ImageRecord } from '../artifacts';
import { isCode, namesIn, writeWhole } from './atomic-file';
import { fromSamePath, toSamePath } from './same-path';

/** Rises whenever a record of before cannot be used any more: other fields, other amendments to rustc's arguments. */
export const RECORD_FORMAT = 6;

/**
 * `<target>/hotpatch`: what captures leave behind.
 *
 *     epoch                     names the present `bin-<epoch>`
 *     bin-<epoch>/              the wrappers; cargo hashes their path into every workspace crate
 *     bin-<epoch>/wrapped/      the ids of crates whose compile has begun, empty files
 *     crates/<crate id>.json    a `CrateRecord` each
 *     units/<crate id>/<s>/     the units of one incremental session
 *     state/<crate id>/<s>/     the rest of that session
 *     libraries/<crate id>/<s>/ the rlib of an earlier session, where another build is compared with it
 *     incremental/<crate id>/   rustc's own folder
 *     places/<crate id>/        the libraries that an executable is compiled against, see `place.ts`
 *     images/<build id>.json    an `ImageRecord` each, with `<build id>.image`, a hard link to the image, and
 *                               `<build id>.portable`, the same without paths of this clone
 *     mountpoint/               empty, see `same-path.ts`
 *     runs/<pid>-<random>/      a capture under way
 *     sessions/<pid>-<random>/  a running session's compiles
 *     control/<pid>.json        a running session, for those who have something to tell it
 *     crashes/<time>-<pid>/     what is needed to reproduce a crash
 *     parking/                  for files without a name: code that a program has unloaded
 */
export class HotpatchFolder {
  readonly root: string;

  /** @param samePath the folder that lies at `SAME_PATH`: records spell paths in it so, and survive a move */
  constructor(
    targetDir: string,
    private readonly samePath?: string,
  ) {
    this.root = path.join(targetDir, 'hotpatch');
  }

  get mountpoint(): string {
    return path.join(this.root, 'mountpoint');
  }

  incremental(crate: string): string {
    return path.join(this.root, 'incremental', crate);
  }

  units(crate: string, session = ''): string {
    return path.join(this.root, 'units', crate, session);
  }

  state(crate: string, session = ''): string {
    return path.join(this.root, 'state', crate, session);
  }

  libraries(crate: string, session = ''): string {
    return path.join(this.root, 'libraries', crate, session);
  }

  place(crate: string): string {
    return path.join(this.root, 'places', crate);
  }

  /** Ids of all recorded crates, also of those that no present build uses. */
  crateIds(): readonly string[] {
    return namesIn(path.join(this.root, 'crates')).flatMap((file) =>
      file.endsWith('.json') ? file.slice(0, -'.json'.length) : [],
    );
  }

  imageFile(buildId: string): string {
    return path.join(this.root, 'images', `${buildId}.image`);
  }

  portableImage(buildId: string): string {
    return path.join(this.root, 'images', `${buildId}.portable`);
  }

  prepareImages(): void {
    mkdirSync(path.join(this.root, 'images'), { recursive: true });
  }

  get sessions(): string {
    return path.join(this.root, 'sessions');
  }

  get runs(): string {
    return path.join(this.root, 'runs');
  }

  writeCrate(record: CrateRecord): void {
    this.#write(this.#crateFile(record.id), record);
  }

  /** Undefined when the record is missing, damaged or of another format. */
  readCrate(id: string): CrateRecord | undefined {
    const record = this.#read(this.#crateFile(id)) as CrateRecord | undefined;
    return record?.id === id && Array.isArray(record.args) ? record : undefined;
  }

  hasCrate(id: string): boolean {
    return existsSync(this.#crateFile(id));
  }

  /** Milliseconds since 1970: when a crate was compiled, or taken from the store. 0 for one that is not recorded. */
  crateRecordedAt(id: string): number {
    return statSync(this.#crateFile(id), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  }

  writeImage(record: ImageRecord, loader: string): void {
    this.#write(this.#imageRecord(record.buildId), { ...record, madeFor: this.#madeFor(loader) });
  }

  /** Undefined also when the image was made for a loader or a workspace at another place. */
  readImage(buildId: string, loader: string): ImageRecord | undefined {
    const record = this.#read(this.#imageRecord(buildId)) as (ImageRecord & { madeFor: string }) | undefined;
    return record?.buildId === buildId && record.madeFor === this.#madeFor(loader) ? record : undefined;
  }

  /** The paths that are in the image itself, so spelled that they are not taken for paths of the record. */
  #madeFor(loader: string): string {
    return createHash('sha256').update(`${loader}\0${this.samePath}`).digest('hex');
  }

  #crateFile(id: string): string {
    return path.join(this.root, 'crates', `${id}.json`);
  }

  #imageRecord(buildId: string): string {
    return path.join(this.root, 'images', `${buildId}.json`);
  }

  #write(file: string, record: object): void {
    const text = `${JSON.stringify({ format: RECORD_FORMAT, ...record }, null, 1)}\n`;
    writeWhole(file, this.samePath === undefined ? text : toSamePath(text, this.samePath));
  }

  #read(file: string): object | undefined {
    try {
      const text = readFileSync(file, 'utf8');
      const real = this.samePath === undefined ? text : fromSamePath(text, this.samePath);
      const { format, ...record } = (JSON.parse(real) ?? {}) as { format?: unknown };
      return format === RECORD_FORMAT ? record : undefined;
    } catch (error) {
      if (error instanceof SyntaxError || isCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }
}
