import { readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import Piscina from 'piscina';
import type { BuildRecord } from '../artifacts';

/** Units handed to a worker at once: enough that the hand-over does not count, few enough to spread a crate. */
const BATCH = 16;

/**
 * Indexes the units of the base that no earlier session has indexed, on all cores but one, in the background.
 *
 * An index says which names a unit refers to. A save that changes a constant or a signature asks that of the whole
 * program; with indexes the answer does not open every object. Nothing waits for this: without an index the engine
 * reads the unit itself. Resolves to the number of units indexed; an abort ends it early.
 */
export async function indexUnits(record: BuildRecord, signal: AbortSignal): Promise<number> {
  const missing = (await Promise.all(record.crates.map(({ units }) => unindexed(units)))).flat();
  if (missing.length === 0 || signal.aborted) return 0;

  const threads = Math.max(1, availableParallelism() - 1);
  const pool = new Piscina<readonly string[], number>({
    filename: join(__dirname, 'worker.js'),
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: 0,
  });
  // What fails is the batch, and whoever awaits it hears of it.
  pool.on('error', () => {});
  let next = 0;
  let indexed = 0;
  // An abort is heeded between two batches. A worker must not be ended inside of the engine: the call would complete in
  // a thread that is no more, and Node ends the whole process then.
  const work = async () => {
    while (next < missing.length && !signal.aborted) {
      const batch = missing.slice(next, next + BATCH);
      next += BATCH;
      indexed += await pool.run(batch);
    }
  };
  try {
    const done = await Promise.allSettled(Array.from({ length: threads }, work));
    const failed = done.find((each) => each.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return indexed;
  } finally {
    await pool.destroy();
  }
}

async function unindexed(folder: string): Promise<readonly string[]> {
  const names = new Set(await readdir(folder));
  return [...names]
    .filter((name) => name.endsWith('.o') && !names.has(name.replace(/\.o$/, '.index')))
    .map((name) => join(folder, name));
}
