import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Where loaders keep the code that they unload: on the target folder's disk, since the temporary folder is memory on
 * many systems. Their files there have no name, so the folder stays empty and sessions can share it.
 */
export function makeParkingFolder(targetDir: string): string {
  const folder = join(targetDir, 'hotpatch', 'parking');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}
