import type { BuildRecord, CompileResult } from './artifacts';
import type { EngineHost, LiveUnit } from './engine';
import type { Processes } from './processes';

/** Each patch starts at a 128 KiB boundary of the window, where the loader has announced a module slot for it. */
const SLOT_BYTES = 128 * 1024;

/** The program as it runs: the build it came from, its image's index, its processes, and what it has been given. */
export interface LiveBuild {
  readonly record: BuildRecord;
  /** The index is made while the program starts; who needs it waits. */
  readonly host: Promise<EngineHost>;
  readonly processes: Processes;
  readonly space: PatchSpace;
  /**
   * The program has what was compiled. Until this is called, every compile gives the units of the earlier ones again,
   * so a change whose patch was superseded or refused is never lost.
   */
  accept(compiled: CompileResult): void;
  /**
   * The counterpart: the program runs these objects again, so what was compiled since is part of the next compile's
   * result.
   */
  withdraw(units: readonly LiveUnit[]): void;
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
   * A patch is on its way. Also one that is refused or undone later keeps its number and place, because some process
   * may have seen it, and the loader leaves undone code mapped for threads that are still inside.
   */
  take(bytes: number, tlsUsed: number): void {
    this.#patches += 1;
    this.#slots += Math.ceil(bytes / SLOT_BYTES);
    this.#tlsUsed = tlsUsed;
  }
}
