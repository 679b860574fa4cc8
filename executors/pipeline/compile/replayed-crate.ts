import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { CrateRecord, UnitSet } from '../artifacts';
import { linkFolder, namesIn } from '../capture/atomic-file';
import { readDepInfo } from '../capture/dep-info';
import { isUnit, lockFileOf, newestSession } from '../capture/incremental-session';
import { compareUnits, listUnits, type UnitFiles } from './unit-files';

/** Generations of units that stay on disk behind the present one: a reader may still be at them. */
const KEPT_GENERATIONS = 3;

/** One crate of the image as this session compiles it: its incremental state, its sources, its units. */
export class ReplayedCrate {
  readonly incremental: string;
  /** Absolute paths, as of the last successful compile. */
  sources: ReadonlySet<string>;
  readonly #units: string;
  #session: string | undefined;
  #accepted: Generation;
  #present: Generation;

  constructor(
    readonly record: CrateRecord,
    sessionDir: string,
    private readonly outDir: string,
  ) {
    this.incremental = path.join(sessionDir, 'incremental', record.id);
    this.#units = path.join(sessionDir, 'units', record.id);
    this.sources = new Set(record.sources);
    this.#accepted = { number: 0, folder: record.units, units: listUnits(record.units) };
    this.#present = this.#accepted;
  }

  get id(): string {
    return this.record.id;
  }

  /**
   * Gives the session the incremental state of the capture, as hard links: cheap, and private from then on, so that
   * neither cargo nor another session is disturbed.
   */
  seed(): void {
    const { state, units } = this.record;
    const name = path.join(path.basename(path.dirname(state)), path.basename(state));
    const filesIn = (folder: string) => namesIn(folder).map((file) => path.join(folder, file));
    mkdirSync(path.dirname(path.join(this.incremental, name)), { recursive: true });
    linkFolder(path.join(this.incremental, name), [...filesIn(state), ...filesIn(units)]);
    writeFileSync(path.join(this.incremental, lockFileOf(name)), '');
    this.#session = name;
  }

  /**
   * Takes over what a successful rustc left.
   *
   * @throws Error when it left no new incremental session: the units would be those of before
   */
  compiled(): void {
    const session = newestSession(this.incremental);
    if (session === undefined || session.name === this.#session)
      throw new Error(`rustc for ${this.record.name} left no new session in ${this.incremental}.`);
    this.#session = session.name;
    const number = this.#present.number + 1;
    const folder = path.join(this.#units, String(number));
    mkdirSync(this.#units, { recursive: true });
    const files = namesIn(session.folder).filter(isUnit);
    linkFolder(
      folder,
      files.map((file) => path.join(session.folder, file)),
    );
    this.#present = { number, folder, units: listUnits(folder) };
    const depInfo = path.join(this.outDir, `${this.id}.d`);
    if (existsSync(depInfo)) this.sources = new Set(readDepInfo(depInfo, this.record.cwd).sources);
  }

  /** What is different from the last accepted generation; undefined when the crate was not compiled since. */
  unitSet(): UnitSet | undefined {
    if (this.#present === this.#accepted) return undefined;
    const { folder, units } = this.#present;
    return { crate: this.id, folder, ...compareUnits(this.#accepted.units, units) };
  }

  /** From now on `unitSet` compares with the generation of that set. */
  accept(set: UnitSet): void {
    const number = Number(path.basename(set.folder));
    this.#accepted =
      this.#present.folder === set.folder
        ? this.#present
        : { number, folder: set.folder, units: listUnits(set.folder) };
    const outdated = path.join(this.#units, String(number - KEPT_GENERATIONS));
    void rm(outdated, { recursive: true, force: true });
  }
}

interface Generation {
  readonly number: number;
  readonly folder: string;
  readonly units: UnitFiles;
}
