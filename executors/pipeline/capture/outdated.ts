import { rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { namesIn } from './atomic-file';

/** A session may still compile against an older capture than the newest, but hardly for longer than this. */
const DAY_MS = 24 * 60 * 60 * 1000;

/** Removes what earlier captures left in a folder, when it is a day old and not the entry named `present`. */
export function removeOutdated(
  folder: string,
  present: string,
  isOurs: (name: string) => boolean = () => true,
): void {
  for (const name of namesIn(folder)) {
    const file = path.join(folder, name);
    const made = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (!name.startsWith(present) && Date.now() - made > DAY_MS && isOurs(name))
      rmSync(file, { recursive: true, force: true });
  }
}
