import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { BuildRecord, CompiledCrate, CompileResult, Diagnostic } from '../artifacts';
import { digestOf } from '../capture/crate-inputs';
import { dependenciesOf } from '../capture/crate-order';
import { HotpatchFolder } from '../capture/hotpatch-folder';
import { claimPlace, furnishPlace } from '../capture/place';
import type { LiveUnit } from '../engine';
import { inDependencyOrder } from './in-dependency-order';
import { linkerNameOf, replayArguments } from './replay-arguments';
import { ReplayedCrate } from './replayed-crate';
import { runRustc } from './rustc';
import { type ChangeKind, SourceMap, type Watched } from './source-map';

/**
 * Compiles the edited crates of one running program, and what depends on them, by running rustc as cargo did, in a
 * folder of this session's own: no cargo, no link.
 *
 * Nothing is lost on the way: a crate that is to be compiled stays so until it was, also when a compile is aborted or
 * another crate fails; and its changed units are in every result until one is accepted.
 */
export class Compiler {
  readonly #crates: ReadonlyMap<string, ReplayedCrate>;
  readonly #sources: SourceMap;
  readonly #outDir: string;
  readonly #inOutDir: ReadonlySet<string>;
  readonly #linkers: string;
  readonly #mountpoint: string;
  readonly #seeded: Promise<void>;
  /** Saved since the last compile began. */
  readonly #edited = new Set<string>();
  /** SHA-256 of the files for which the present compile began. */
  #saved: Readonly<Record<string, string>> = {};
  /** To be compiled; with a crate, all that depend on it. */
  readonly #pending = new Set<string>();
  /** Did not compile the last time. */
  readonly #failed = new Set<string>();
  #closed = false;
  #last: Promise<unknown> = Promise.resolve();

  /** @param sessionDir best on the file system of the target folder, see `makeSessionFolder` */
  constructor(
    private readonly record: BuildRecord,
    sessionDir: string,
  ) {
    const folder = new HotpatchFolder(record.targetDir);
    this.#mountpoint = folder.mountpoint;
    // The same program may run in two sessions. The second one's executable is compiled from the start the first time.
    this.#outDir = claimPlace(folder, record.image.crate, process.pid)
      ? folder.place(record.image.crate)
      : path.join(sessionDir, 'deps');
    this.#inOutDir = new Set(record.crates.map(({ id }) => id));
    this.#linkers = path.join(sessionDir, 'linker');
    const crates = record.crates.map((crate) => new ReplayedCrate(crate, sessionDir, this.#outDir));
    this.#crates = new Map(crates.map((crate) => [crate.id, crate]));
    this.#sources = new SourceMap(record, crates);
    this.#seeded = this.#seed(crates);
    // The first compile reports it; until then it is nobody's unhandled rejection.
    this.#seeded.catch(() => undefined);
  }

  owners(file: string): readonly string[] {
    return this.#sources.owners(file);
  }

  kindOfChange(file: string): ChangeKind {
    return this.#sources.kindOfChange(file, this.#failed);
  }

  watched(): Watched {
    return this.#sources.watched();
  }

  /**
   * Compiles the crates of the edited files (absolute paths) and everything that is still to be compiled. Calls that
   * overlap run one after the other.
   *
   * @throws the signal's reason when aborted, after every rustc has ended
   */
  compile(edited: ReadonlySet<string>, signal: AbortSignal): Promise<CompileResult> {
    for (const file of edited) this.#edited.add(file);
    const compile = () => this.#compilePending(signal);
    const result = this.#last.then(compile, compile);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** The program has these units now, or never needs them: the next result is relative to this one. */
  accept(result: CompileResult): void {
    for (const set of result.units) this.#crates.get(set.crate)?.accept(set);
  }

  /** The program runs these objects again: what was compiled since is in the next result. */
  withdraw(units: readonly LiveUnit[]): void {
    for (const [id, crate] of this.#crates) {
      const own = units.filter((unit) => unit.crate === id);
      if (own.length > 0) crate.withdraw(new Map(own.map(({ unit, path }) => [unit, path])));
    }
  }

  /** The crates that were compiled, as they are now, dependencies first; none while a crate does not compile. */
  compiled(): readonly CompiledCrate[] {
    return this.#pending.size > 0 ? [] : [...this.#crates.values()].flatMap((crate) => crate.last() ?? []);
  }

  /** Ends what goes on in the background. Afterwards nothing is written into the session's folder. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled([this.#seeded, this.#last]);
  }

  async #compilePending(signal: AbortSignal): Promise<CompileResult> {
    const start = performance.now();
    await this.#seeded;
    signal.throwIfAborted();
    for (const file of this.#edited) for (const id of this.owners(file)) this.#markWithDependents(id);
    this.#saved = Object.fromEntries([...this.#edited].map((file) => [file, digestOf(file) ?? '']));
    this.#edited.clear();
    const order = [...this.#crates.keys()].filter((id) => this.#pending.has(id));
    const diagnostics = new Map<string, readonly Diagnostic[]>();
    await inDependencyOrder(
      order,
      (id) => this.#dependencies(id),
      availableParallelism(),
      async (id) => {
        const end = await this.#replay(this.#crate(id), signal);
        diagnostics.set(id, end.diagnostics);
        return end.ok;
      },
    );
    const ok = this.#pending.size === 0;
    const crates = order.flatMap((crate) => {
      const said = diagnostics.get(crate);
      return said === undefined ? [] : [{ crate, diagnostics: said }];
    });
    return {
      ok,
      units: ok ? [...this.#crates.values()].flatMap((crate) => crate.unitSet() ?? []) : [],
      diagnostics: crates.flatMap((crate) => crate.diagnostics),
      crates,
      ms: performance.now() - start,
    };
  }

  async #replay(crate: ReplayedCrate, signal: AbortSignal) {
    const args = replayArguments(crate.record, {
      outDir: this.#outDir,
      incremental: crate.incremental,
      linkers: this.#linkers,
      inOutDir: this.#inOutDir,
    });
    const began = { since: Date.now(), saved: this.#saved };
    const end = await runRustc(
      crate.record,
      args,
      this.#environment(crate),
      this.#outDir,
      this.#mountpoint,
      signal,
    );
    if (end.ok) {
      crate.compiled(began);
      this.#pending.delete(crate.id);
      this.#failed.delete(crate.id);
    } else this.#failed.add(crate.id);
    return end;
  }

  #environment({ record }: ReplayedCrate): NodeJS.ProcessEnv {
    const env: NodeJS.ProcessEnv = { ...process.env, ...this.record.env, ...record.env };
    // The job server of a `make` above us is not open in our children; rustc would warn about it.
    for (const name of ['CARGO_MAKEFLAGS', 'MAKEFLAGS', 'MFLAGS']) delete env[name];
    return env;
  }

  #markWithDependents(id: string): void {
    this.#pending.add(id);
    for (const other of this.#crates.keys())
      if (!this.#pending.has(other) && this.#dependencies(other).includes(id))
        this.#markWithDependents(other);
  }

  #dependencies(id: string): readonly string[] {
    return dependenciesOf(this.#crate(id).record, this.#crates);
  }

  #crate(id: string): ReplayedCrate {
    const crate = this.#crates.get(id);
    if (crate === undefined) throw new Error(`${id} is not a crate of ${this.record.image.path}.`);
    return crate;
  }

  async #seed(crates: readonly ReplayedCrate[]): Promise<void> {
    mkdirSync(this.#linkers, { recursive: true });
    for (const name of new Set(this.record.crates.map(linkerNameOf)))
      writeFileSync(path.join(this.#linkers, name), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
    furnishPlace(this.#outDir, this.record.crates);
    for (const crate of crates) {
      if (this.#closed) return;
      crate.seed();
      // Between two crates the session's own work goes on: it is starting the program.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
