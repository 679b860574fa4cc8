/** A real image and a real patch for it, made by a real session that has ended: what the loader's cases play with. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { play } from './steps.mjs';

/** Plays the case's `after` and gives `{ image, patch, bytes }`. */
export async function recordPatch(stage) {
  const task = await stage.start();
  const { image } = await task.event('ready');
  const at = { ...stage, task };
  await play({ edit: 'after' }, at);
  const { patch } = await task.event('patched', 'refused');
  // The loader writes each image beside the socket, for debuggers and backtraces.
  const meeting = (await readdir(task.temporary)).find((name) => name.startsWith('nx-hotpatch-'));
  const names = await readdir(join(task.temporary, meeting));
  const name = names.find((candidate) => candidate.startsWith('patch-'));
  const bytes = await readFile(join(task.temporary, meeting, name));
  await task.interrupt('SIGINT');
  return { image, patch, bytes };
}
