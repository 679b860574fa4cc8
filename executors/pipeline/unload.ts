import { performance } from 'node:perf_hooks';
import type { PatchStatus as EnginePatch } from './engine';
import type { LiveBuild } from './live-build';
import type { UnloadOutcome } from './processes';

/** It is worth a look at all memory of the program when so many patches may go, or so many bytes. */
const PATCHES = 8;
const BYTES = 512 * 1024;

/** A patch that is still reached is looked at again after so long, then after twice as long, and so on. */
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 5 * 60_000;

interface Kept {
  readonly by: string;
  readonly tries: number;
  /** `performance.now()` from which it is tried again. */
  readonly due: number;
}

/**
 * Gives the memory of patches back that nothing can reach. The engine knows in which patches nothing is current; only
 * the processes know whether a thread, or a pointer in some memory, still leads there.
 *
 * A run must not overlap with the making of a patch or with an undo: either can make a patch current again.
 */
export class Unloader {
  readonly #unloaded = new Set<number>();
  readonly #kept = new Map<number, Kept>();

  constructor(
    private readonly build: LiveBuild,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Asks the processes when it is worth it; gives what became of it in each, nothing when nobody was asked. */
  async run(): Promise<readonly UnloadOutcome[]> {
    const due = await this.#due();
    if (due.length === 0) return [];
    const outcomes = await this.build.processes.unload(due);
    for (const patch of due) this.#note(patch, outcomes);
    const host = await this.build.host;
    await host.unloaded(due.filter((patch) => this.#unloaded.has(patch)));
    return outcomes;
  }

  /** Milliseconds until a kept patch is to be tried again; undefined when none is kept. */
  get retryIn(): number | undefined {
    const dues = [...this.#kept.values()].map(({ due }) => due);
    return dues.length === 0 ? undefined : Math.max(0, Math.min(...dues) - this.now());
  }

  isUnloaded(patch: number): boolean {
    return this.#unloaded.has(patch);
  }

  /** What still reaches a patch, in words, as of the last look. */
  keptBy(patch: number): string | undefined {
    return this.#kept.get(patch)?.by;
  }

  /** What can go and is due, unless that is too little. */
  async #due(): Promise<readonly number[]> {
    const host = await this.build.host;
    const unreachable = new Set(await host.unreachable());
    // A patch can become current again, by an undo of the one that replaced it.
    for (const patch of this.#unloaded) if (!unreachable.has(patch)) this.#unloaded.delete(patch);
    for (const patch of this.#kept.keys()) if (!unreachable.has(patch)) this.#kept.delete(patch);
    const candidates = [...unreachable].filter((patch) => !this.#unloaded.has(patch));
    if (candidates.length === 0) return [];
    const fresh = candidates.filter((patch) => !this.#kept.has(patch));
    const again = candidates.filter((patch) => (this.#kept.get(patch)?.due ?? Infinity) <= this.now());
    if (again.length > 0 || isWorthIt(fresh, await host.status())) return [...fresh, ...again];
    return [];
  }

  #note(patch: number, outcomes: readonly UnloadOutcome[]): void {
    const kept = outcomes.flatMap((outcome) => outcome.kept).find((each) => each.patch === patch);
    if (kept === undefined) {
      this.#kept.delete(patch);
      this.#unloaded.add(patch);
      return;
    }
    const tries = (this.#kept.get(patch)?.tries ?? 0) + 1;
    const wait = Math.min(FIRST_RETRY_MS * 2 ** (tries - 1), LAST_RETRY_MS);
    this.#kept.set(patch, { by: kept.by, tries, due: this.now() + wait });
  }
}

function isWorthIt(patches: readonly number[], status: readonly EnginePatch[]): boolean {
  const bytes = status
    .filter(({ patch }) => patches.includes(patch))
    .reduce((sum, each) => sum + each.bytes, 0);
  return patches.length >= PATCHES || bytes >= BYTES;
}
