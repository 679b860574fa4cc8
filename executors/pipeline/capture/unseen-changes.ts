import { statSync, utimesSync } from 'node:fs';
import { digestOf } from './crate-inputs';
import type { HotpatchFolder } from './hotpatch-folder';

/**
 * Makes cargo see sources that are other than what was compiled, though they are older than the compile: cargo compares
 * times, and a cache (Nx's own among them) puts back what a task made with the time at which it was made.
 */
export function showUnseenChanges(folder: HotpatchFolder): void {
  const present = new Map<string, { readonly digest: string | undefined; readonly modified: number }>();
  for (const id of folder.crateIds()) {
    const sources = folder.readCrate(id)?.inputs?.sources ?? {};
    const compiled = folder.crateRecordedAt(id);
    for (const [file, digest] of Object.entries(sources)) {
      const modified = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
      // What is younger, or gone, it sees.
      if (modified === undefined || modified >= compiled) continue;
      const known = present.get(file);
      const now = known?.modified === modified ? known.digest : digestOf(file);
      present.set(file, { digest: now, modified });
      // No later than need be: what is younger than this build counts as edited while it goes on.
      if (now !== digest) utimesSync(file, new Date(compiled), new Date(compiled));
    }
  }
}
