import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Piscina from 'piscina';
import { packageOf } from '../crate-entry';
import { Store } from '../store';
import type { Compiled } from './worker';

/**
 * Puts what a session compiled into the store, so that the tasks find their work done. In a thread of its own: a save
 * that comes meanwhile is noticed at once.
 *
 * @returns names of the crates that were put there
 */
export async function publishCompiled(compiled: Compiled): Promise<readonly string[]> {
  const store = new Store(compiled.targetDir, compiled.profile);
  const crates = compiled.crates.filter(({ record }) =>
    existsSync(store.crate(packageOf(record), record.id)),
  );
  if (crates.length === 0) return [];
  const pool = new Piscina<Compiled, readonly string[]>({
    filename: join(__dirname, 'worker.js'),
    maxThreads: 1,
  });
  // What fails is the run, and whoever awaits it hears of it.
  pool.on('error', () => {});
  try {
    return await pool.run({ ...compiled, crates });
  } finally {
    await pool.destroy();
  }
}
