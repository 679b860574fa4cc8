import { existsSync, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { CompiledCrate, CrateRecord, UnitSet } from '../artifacts';
import { linkFolder, namesIn } from '../capture/atomic-file';
import { readDepInfo } from '../capture/dep-info';
import { newestSession, seedSession, sessionNameOf } from '../capture/incremental-session';
import { compareUnits, listUnits, type UnitFile, type UnitFiles, unitFile } from './unit-files';

/** When rustc started, and on what. */
export type CompileBegin = Pick<CompiledCrate, 'since' | 'saved'>;

/** One crate of the image as this session compiles it: its incremental state, its sources, its units. */
export class ReplayedCrate {
  readonly incremental: string;
  /** Absolute paths, as of the last successful compile. */
  sources: ReadonlySet<string>;
  readonly #units: string;
  #session: string | undefined;
  #accepted: UnitFiles;
  #present: Generation | undefined;
  /** Since the last accepted one, with `#present`. */
  #open: Generation[] = [];
  /** Folders of all sets that were accepted: what was made from them can be taken back. */
  readonly #lived = new Set<string>();
  #compiles = 0;
  /** Of the newest state; undefined before the first compile. */
  #began: CompileBegin | undefined;

  constructor(
    readonly record: CrateRecord,
    sessionDir: string,
    private readonly outDir: string,
  ) {
    this.incremental = path.join(sessionDir, 'incremental', record.id);
    this.#units = path.join(sessionDir, 'units', record.id);
    this.sources = new Set(record.sources);
    this.#accepted = listUnits(record.units);
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
    const name = sessionNameOf(state);
    const filesIn = (folder: string) => namesIn(folder).map((file) => path.join(folder, file));
    seedSession(this.incremental, name, [...filesIn(state), ...filesIn(units)]);
    this.#session = name;
  }

  /**
   * Takes over what a successful rustc left.
   *
   * @throws Error when it left no new incremental session: the units would be those of before
   */
  compiled(began: CompileBegin): void {
    const session = newestSession(this.incremental);
    if (session === undefined || session.name === this.#session)
      throw new Error(`rustc for ${this.record.name} left no new session in ${this.incremental}.`);
    this.#session = session.name;
    this.#began = began;
    this.#keep(listUnits(session.folder));
    const depInfo = path.join(this.outDir, this.record.depInfo);
    if (existsSync(depInfo))
      this.sources = new Set(readDepInfo(depInfo, this.record.cwd, this.record.samePath).sources);
  }

  /** Links what differs from the accepted units: rustc removes its session folder at the next compile. */
  #keep(compiled: UnitFiles): void {
    const folder = path.join(this.#units, String(++this.#compiles));
    const difference = compareUnits(this.#accepted, compiled);
    mkdirSync(this.#units, { recursive: true });
    linkFolder(
      folder,
      difference.changed.map((unit) => compiled.get(unit)?.path ?? ''),
    );
    const units = new Map<string, UnitFile>();
    const changed = new Set(difference.changed);
    for (const [name, unit] of compiled) {
      const kept = changed.has(name) ? undefined : this.#accepted.get(name)?.path;
      // The identity is that of the present inode: it is what the next compile carries over.
      units.set(name, { ...unit, path: kept ?? path.join(folder, `${name}.o`) });
    }
    this.#present = { set: { crate: this.id, folder, ...difference }, units };
    this.#open.push(this.#present);
  }

  /** As it was compiled last; undefined before the first compile. */
  last(): CompiledCrate | undefined {
    const { record, incremental, outDir } = this;
    if (this.#began === undefined || this.#session === undefined) return undefined;
    return { record, incremental, outDir, session: this.#session, ...this.#began };
  }

  /** What is different from the last accepted units; undefined when the crate was not compiled since. */
  unitSet(): UnitSet | undefined {
    return this.#present?.set;
  }

  /** From now on `unitSet` is relative to that set. One that is older than the accepted one is passed over. */
  accept(set: UnitSet): void {
    const at = this.#open.findIndex((generation) => generation.set.folder === set.folder);
    const accepted = this.#open[at];
    if (accepted === undefined) return;
    const newer = this.#present === accepted ? undefined : this.#present;
    this.#accepted = accepted.units;
    this.#lived.add(accepted.set.folder);
    this.#open = [accepted];
    this.#present = undefined;
    // What was compiled meanwhile was compared with the units of before.
    if (newer) this.#keep(newer.units);
    this.#removeUnused();
    this.#open = this.#open.slice(1);
  }

  /**
   * From now on `unitSet` is relative to the accepted units with these in their place, by name: paths of units that
   * were accepted before, null for one that did not exist.
   */
  withdraw(units: ReadonlyMap<string, string | null>): void {
    const compiled = this.#present?.units ?? this.#accepted;
    const accepted = new Map(this.#accepted);
    for (const [name, file] of units) {
      if (file === null) accepted.delete(name);
      else accepted.set(name, unitFile(file));
    }
    this.#accepted = accepted;
    // A result from before that is accepted after this would bring back what is taken back.
    this.#open = [];
    this.#keep(compiled);
  }

  /** Folders of compiles that never became live, but for the open ones: somebody may be reading them. */
  #removeUnused(): void {
    const used = new Set(this.#lived);
    for (const { set, units } of this.#open) {
      used.add(set.folder);
      for (const unit of units.values()) used.add(path.dirname(unit.path));
    }
    for (const name of namesIn(this.#units)) {
      const folder = path.join(this.#units, name);
      if (!used.has(folder)) void rm(folder, { recursive: true, force: true });
    }
  }
}

interface Generation {
  readonly set: UnitSet;
  readonly units: UnitFiles;
}
