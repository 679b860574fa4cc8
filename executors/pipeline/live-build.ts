import { join } from 'node:path';
import type { BuildRecord, UnitSet } from './artifacts';
import type { ChangedUnit, EngineHost } from './engine';
import type { Processes } from './processes';

/** Each patch starts at a 1 MiB boundary of the window, where the loader has announced a module slot for it. */
const SLOT_BYTES = 1024 * 1024;

/** The program as it runs: the build it came from, its image's index, its processes, and what it has been given. */
export interface LiveBuild {
  readonly record: BuildRecord;
  /** The index is made while the program starts; who needs it waits. */
  readonly host: Promise<EngineHost>;
  readonly processes: Processes;
  readonly pending: PendingUnits;
  readonly space: PatchSpace;
}

/**
 * Units that are compiled but not live: a patch that was superseded, refused or is still to come. They stay until a
 * patch that holds them is live, so nothing that was saved is ever lost.
 */
export class PendingUnits {
  readonly #units = new Map<string, ChangedUnit>();

  add({ crate, folder, changed, gone }: UnitSet): void {
    for (const unit of changed) this.#set({ crate, unit, path: join(folder, `${unit}.o`) });
    for (const unit of gone) this.#set({ crate, unit, path: null });
  }

  get all(): readonly ChangedUnit[] {
    return [...this.#units.values()];
  }

  clear(): void {
    this.#units.clear();
  }

  #set(unit: ChangedUnit): void {
    this.#units.set(`${unit.crate}/${unit.unit}`, unit);
  }
}

/** Where the next patch goes: upwards in the window, and in the pool of new thread-locals. */
export class PatchSpace {
  #patches = 0;
  #slots = 0;
  #tlsUsed = 0;

  get nextPatch(): number {
    return this.#patches + 1;
  }

  /** Bytes from the window's start. */
  get offset(): number {
    return this.#slots * SLOT_BYTES;
  }

  get tlsUsed(): number {
    return this.#tlsUsed;
  }

  /**
   * Some process has seen the patch. Also a patch that was undone keeps its place, because the loader leaves
   * its code mapped for threads that are still inside.
   */
  take(bytes: number, tlsUsed: number): void {
    this.#patches += 1;
    this.#slots += Math.ceil(bytes / SLOT_BYTES);
    this.#tlsUsed = tlsUsed;
  }
}
