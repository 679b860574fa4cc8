import type { BuildRecord } from '../pipeline/artifacts';
import type { Compiler } from '../pipeline/compile/compile';
import { publishCompiled } from '../pipeline/store/publish-compiled/publish-compiled';

/** For so long nothing is saved before the store is written: whoever saves again wants the cores. */
const QUIET_MS = 300;

interface Program {
  readonly record: BuildRecord;
  readonly compiler: Compiler;
}

/**
 * Puts what a session compiled into the store, so that the cached tasks find their work done. Nothing waits for it, and
 * what fails costs the tasks a compile, nothing else.
 */
export class StoreUpdates {
  /** States that are in the store, by crate id. */
  readonly #published = new Map<string, string>();
  #last: Promise<unknown> = Promise.resolve();
  #quiet: NodeJS.Timeout | undefined;
  #due: Program | undefined;

  /** Nothing is to be done for this program at the moment. */
  rest(program: Program): void {
    this.pause();
    this.#due = program;
    this.#quiet = setTimeout(() => this.#publish(), QUIET_MS).unref();
  }

  /** rustc is about to run. */
  pause(): void {
    clearTimeout(this.#quiet);
  }

  /** Resolves when the store has everything. */
  async close(): Promise<void> {
    this.pause();
    this.#publish();
    await this.#last;
  }

  #publish(): void {
    if (this.#due === undefined) return;
    const { compiler, record } = this.#due;
    this.#due = undefined;
    const crates = compiler
      .compiled()
      .filter((crate) => this.#published.get(crate.record.id) !== crate.session);
    if (crates.length === 0) return;
    for (const crate of crates) this.#published.set(crate.record.id, crate.session);
    const { targetDir, profile, env } = record;
    const inPlace = record.crates.map(({ id }) => id);
    const publish = () => publishCompiled({ crates, targetDir, profile, env, inPlace });
    this.#last = this.#last.then(publish).catch(() => {});
  }
}
