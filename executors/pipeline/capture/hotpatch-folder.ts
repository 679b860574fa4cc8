import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { CrateRecord, ImageRecord } from '../artifacts';
import { isCode, namesIn, writeWhole } from './atomic-file';

/** Rises whenever a record of before cannot be used any more: other fields, other amendments to rustc's arguments. */
export const RECORD_FORMAT = 2;

/**
 * `<target>/hotpatch`: what captures leave behind.
 *
 *     epoch                     names the present `bin-<epoch>`
 *     bin-<epoch>/              the wrappers; cargo hashes their path into every workspace crate
 *     crates/<crate id>.json    a `CrateRecord` each
 *     units/<crate id>/<s>/     the units of one incremental session
 *     state/<crate id>/<s>/     the rest of that session
 *     incremental/<crate id>/   rustc's own folder
 *     places/<crate id>/        the libraries that an executable is compiled against, see `place.ts`
 *     images/<build id>.json    an `ImageRecord` each, and `<build id>.image`, a hard link to the image
 *     runs/<pid>-<random>/      a capture under way
 *     sessions/<pid>-<random>/  a running session's compiles
 *     control/<pid>.json        a running session, for those who have something to tell it
 *     crashes/<time>-<pid>/     what is needed to reproduce a crash
 *     parking/                  for files without a name: code that a program has unloaded
 */
export class HotpatchFolder {
  readonly root: string;

  constructor(targetDir: string) {
    this.root = path.join(targetDir, 'hotpatch');
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

  writeImage(record: ImageRecord, loader: string): void {
    this.#write(this.#imageRecord(record.buildId), { ...record, loader });
  }

  /** Undefined also when the image was linked with a loader at another place. */
  readImage(buildId: string, loader: string): ImageRecord | undefined {
    const record = this.#read(this.#imageRecord(buildId)) as (ImageRecord & { loader: string }) | undefined;
    return record?.buildId === buildId && record.loader === loader ? record : undefined;
  }

  #crateFile(id: string): string {
    return path.join(this.root, 'crates', `${id}.json`);
  }

  #imageRecord(buildId: string): string {
    return path.join(this.root, 'images', `${buildId}.json`);
  }

  #write(file: string, record: object): void {
    writeWhole(file, `${JSON.stringify({ format: RECORD_FORMAT, ...record }, null, 1)}\n`);
  }

  #read(file: string): object | undefined {
    try {
      const { format, ...record } = (JSON.parse(readFileSync(file, 'utf8')) ?? {}) as { format?: unknown };
      return format === RECORD_FORMAT ? record : undefined;
    } catch (error) {
      if (error instanceof SyntaxError || isCode(error, 'ENOENT')) return undefined;
      throw error;
    }
  }
}
