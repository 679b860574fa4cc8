import { constants } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import type { PatchImage } from '../../pipeline/artifacts';
import { codeOf } from './code';

/** perf looks here for the names of code that is in no file (perf-report(1), tools/perf/Documentation/jit-interface.txt). */
const mapOf = (pid: number) => `/tmp/perf-${pid}.map`;

/**
 * Names patched functions for `perf`: a line `start size name` for each in the file of the process, addresses and sizes
 * in hexadecimal. Lines stay when a patch is taken back or unloaded, because samples taken before refer to them. perf
 * reads the file when it reports, so it stays as long as the session has the program, also after a process has ended.
 */
export class PerfMaps {
  readonly #made = new Set<number>();
  /** One write after the other: a process gets its lines whole. */
  #written: Promise<void> = Promise.resolve();

  /** `loadBias` is the program's, in hexadecimal with `0x`. A map that cannot be written is nobody's trouble. */
  add({ pid, loadBias }: { readonly pid: number; readonly loadBias: string }, image: PatchImage): void {
    const lines = codeOf(image.bytes).map(({ address, size, name }) => {
      return `${(BigInt(loadBias) + address).toString(16)} ${size.toString(16)} ${name}\n`;
    });
    if (lines.length === 0) return;
    this.#written = this.#written.then(() => this.#append(pid, lines.join(''))).catch(() => {});
  }

  /** Removes the maps that were made here. */
  async remove(): Promise<void> {
    await this.#written;
    await Promise.all([...this.#made].map((pid) => rm(mapOf(pid), { force: true })));
    this.#made.clear();
  }

  async #append(pid: number, lines: string): Promise<void> {
    // Anybody can write to /tmp: a link that somebody has put there is not followed.
    const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
    const flags = O_WRONLY | O_APPEND | O_NOFOLLOW;
    const made = await open(mapOf(pid), flags | O_CREAT | O_EXCL, 0o600).catch(() => undefined);
    if (made !== undefined) this.#made.add(pid);
    // One that was there is of a compiler in the program itself, which names its own code in it.
    const file = made ?? (await open(mapOf(pid), flags));
    try {
      await file.appendFile(lines);
    } finally {
      await file.close();
    }
  }
}
