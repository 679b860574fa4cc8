import { setMaxListeners } from 'node:events';
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

  // Every batch listens; more than ten are no leak.
  setMaxListeners(0, signal);
  const pool = new Piscina<readonly string[], number>({
    filename: join(__dirname, 'worker.js'),
    minThreads: 0,
    maxThreads: Math.max(1, availableParallelism() - 1),
    idleTimeout: 0,
  });
  try {
    const batches = Array.from({ length: Math.ceil(missing.length / BATCH) }, (_, batch) =>
      pool.run(missing.slice(batch * BATCH, (batch + 1) * BATCH), { signal }),
    );
    return (await Promise.all(batches)).reduce((sum, count) => sum + count, 0);
  } catch (error) {
    if (signal.aborted) return 0;
    throw error;
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
