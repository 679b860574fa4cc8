/** A real image and a real patch for it, made by a real session that has ended: what the loader's cases play with. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { play } from './steps.mjs';

/** Plays the case's `after` and gives `{ image, patch, bytes }`. */
export async function recordPatch(stage) {
  const task = await stage.start();
  const { image } = await task.event('ready');
  const at = { ...stage, task };
  await play({ edit: 'after' }, at);
  const { patch } = await task.event('patched', 'refused');
  const bytes = await readFile(await imageBesideTheSocket(task.temporary));
  await task.interrupt('SIGINT');
  return { image, patch, bytes };
}

/** The loader writes each image beside the socket, for debuggers and backtraces; a session has other folders as well. */
async function imageBesideTheSocket(temporary) {
  const files = await readdir(temporary, { recursive: true });
  const image = files.find((file) => basename(file).startsWith('patch-'));
  if (image === undefined) throw new Error(`no patch image below ${temporary}: ${files.join(', ')}`);
  return join(temporary, image);
}
