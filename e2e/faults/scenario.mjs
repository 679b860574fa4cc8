/**
 * What a user does, from a fresh workspace on: start, save, save, a save that needs a build, end. Any process can fail
 * meanwhile, so whatever comes after a save is taken as it comes; the judge knows what is right.
 */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const library = 'leaf/src/lib.rs';
const manifest = 'app/Cargo.toml';
const outcomes = ['patched', 'unchanged', 'compile-error', 'refused', 'restarted', 'exited'];

/** `leaf::double` multiplies by this from now on. The program answers "abc" with a count and `answerTo(factor)`. */
export async function saveFactor(workspace, factor) {
  const path = join(workspace, library);
  const text = await readFile(path, 'utf8');
  // In one step: a busy machine must not see the file while it is empty, and tell of an error in between.
  await writeFile(`${path}.new`, text.replace(/\* \d+/, `* ${factor}`));
  await rename(`${path}.new`, path);
}

export async function factorIn(workspace) {
  return Number(/\* (\d+)/.exec(await readFile(join(workspace, library), 'utf8'))[1]);
}

/** "abc" has three letters, of which the fixture makes double(3) + 1. */
export function answerTo(factor) {
  return 3 * factor + 1;
}

export async function answerOf(task) {
  return Number((await task.ask('abc')).split(' ')[1]);
}

/** Until its end or the task's. `killed` resolves when the session is gone and its program may have outlived it. */
export async function playScenario(task, workspace, fault, killed = new Promise(() => {})) {
  await task.event('ready', 'refused');
  await answerOf(task);
  for (const factor of [30, 31]) {
    await saveFactor(workspace, factor);
    await task.event(...outcomes);
    await answerOf(task);
  }
  fault.rebuilding();
  const path = join(workspace, manifest);
  await writeFile(path, `${await readFile(path, 'utf8')}\n# changed\n`);
  let event = await task.event(...outcomes);
  while (event.event === 'refused' && event.action === 'restart') event = await task.event(...outcomes);
  await answerOf(task);
  await Promise.race([task.interrupt('SIGINT'), killed]);
}
