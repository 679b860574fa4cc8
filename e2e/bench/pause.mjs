/**
 * For how long does a patch hold up a program with 32 threads? Measured by the program itself: each thread times
 * every call of the function that is patched and the longest since the last question is what it answers. A patch is
 * compared with as long a time without one, since on few cores the scheduler holds up threads too.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Task } from '../harness/task.mjs';
import { lay, makeWorkspace, save } from '../harness/workspace.mjs';
import { summary } from './statistics.mjs';

const layer = fileURLToPath(new URL('./thirty-two-threads', import.meta.url));

export async function measurePause(folder, rounds) {
  const workspace = join(folder, 'w');
  await makeWorkspace('cases', workspace);
  await lay(layer, workspace);
  const task = await Task.start({ workspace, scratch: join(folder, 's') });
  const withPatch = [];
  const without = [];
  const reported = [];
  try {
    await task.event('ready');
    const path = join(workspace, 'app/src/behaviour.rs');
    for (let round = 1; round <= rounds; round++) {
      const text = await readFile(path, 'utf8');
      await task.ask('longest');
      await save(path, text.replace(/(fn patched\(\) -> u64 \{\s+)\d+/, `$1${round}`));
      const { pauseUs } = await patchOf(task);
      withPatch.push(Number(await task.ask('longest')));
      if (pauseUs !== undefined) reported.push(pauseUs);
      without.push(Number(await task.ask('rest')));
    }
    await task.interrupt('SIGINT');
  } catch (error) {
    console.error(task.transcript.join('\n'));
    throw error;
  } finally {
    task.destroy();
  }
  return {
    threads: 32,
    longestCallUs: summary(withPatch),
    longestCallWithoutPatchUs: summary(without),
    loaderReportsUs: reported.length > 0 ? summary(reported) : null,
  };
}

async function patchOf(task) {
  const event = await task.event('patched', 'refused', 'compile-error', 'unchanged');
  if (event.event !== 'patched') throw new Error(JSON.stringify(event));
  return event;
}
