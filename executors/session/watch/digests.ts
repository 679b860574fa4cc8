import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** Contents as they were last seen, so that a save that changes nothing is nothing. */
export class Digests {
  readonly #seen = new Map<string, string>();

  has(file: string): boolean {
    return this.#seen.has(file);
  }

  /** Remembers the present content. True when it differs from what was seen before; a file never seen differs. */
  async changed(file: string): Promise<boolean> {
    const digest = await digestOf(file);
    const changed = this.#seen.get(file) !== digest;
    this.#seen.set(file, digest);
    return changed;
  }
}

const ABSENT = 'absent';

async function digestOf(file: string): Promise<string> {
  try {
    return createHash('sha256')
      .update(await readFile(file))
      .digest('base64');
  } catch {
    // Removed, replaced by a folder, or not readable: for rustc it is not there.
    return ABSENT;
  }
}
