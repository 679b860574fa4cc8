import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { isCode, namesIn } from './atomic-file';
import type { HotpatchFolder } from './hotpatch-folder';
import { isAlive } from './place';

/** The end of a draft's name says whose it is: see `atomic-file.ts`. */
const DRAFT = /\.(\d+)(?:-\d+)?\.draft$/;

/** `units/<crate>/<incremental crate>/<session>` lies deepest; in it there are links to finished files alone. */
const DEPTH = 4;

/** rustc tidies up in the first, the compiler that owns it in the second. */
const OF_OTHERS = new Set(['incremental', 'sessions']);

/**
 * Removes what captures and wrappers that were killed have left half done. To be called when cargo has ended: it held the
 * build lock, so a build that outlived its session is over by then too, and nobody reads that session's run any more.
 */
export function removeLeftBehind(folder: HotpatchFolder): void {
  for (const run of namesIn(folder.runs)) if (!isAlive(Number.parseInt(run, 10))) remove(folder.runs, run);
  removeDrafts(folder.root, DEPTH);
}

function removeDrafts(folder: string, depth: number): void {
  for (const entry of entriesIn(folder)) {
    const owner = DRAFT.exec(entry.name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) remove(folder, entry.name);
    else if (entry.isDirectory() && depth > 1 && !OF_OTHERS.has(entry.name))
      removeDrafts(path.join(folder, entry.name), depth - 1);
  }
}

/** Another capture may remove the same, or what lies around it, at the same time. */
function entriesIn(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  }
}

function remove(folder: string, name: string): void {
  rmSync(path.join(folder, name), { recursive: true, force: true });
}
