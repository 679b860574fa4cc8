/** Floor, ours and cargo on one program, in turn, each in a workspace of its own. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Task } from '../harness/task.mjs';
import { save } from '../harness/workspace.mjs';
import { recordFloor } from './floor.mjs';
import { restarter } from './restart.mjs';
import { summary } from './statistics.mjs';

/** The first rounds fill caches; they are run and not counted. */
const warmUp = 2;

export async function raceProgram(program, folder, rounds) {
  const [floorAt, oursAt, cargoAt] = ['floor', 'ours', 'cargo'].map((way) => join(folder, way));
  for (const workspace of [floorAt, oursAt, cargoAt]) await program.prepare(workspace);
  const floor = await recordFloor(floorAt, program);
  const cargo = restarter(cargoAt, program);
  const { project, projectRoot, options } = program;
  const task = await Task.start({
    workspace: oursAt,
    scratch: join(folder, 's'),
    project,
    projectRoot,
    options,
  });
  const talk = { lines: task.lines, stdin: task.child.stdin };
  const state = {};
  const samples = [];
  try {
    await task.events.take('event ready', (event) => event.event === 'ready', 600_000);
    for (let round = 1; round <= warmUp + rounds; round++) {
      const change = async (workspace) => {
        const path = join(workspace, program.file);
        await save(path, program.edit(await readFile(path, 'utf8'), round));
      };
      await change(floorAt);
      const floorMs = await floor();
      await change(cargoAt);
      const cargoMs = await cargo.rebuild(round);
      await change(oursAt);
      const saved = performance.now();
      const event = await task.event('patched', 'unchanged', 'refused', 'compile-error', 'exited');
      const seenMs = performance.now() - saved;
      if (event.event !== 'patched') throw new Error(`round ${round}: ${JSON.stringify(event)}`);
      if (!(await program.ask(talk, state, round))) throw new Error(`round ${round}: the edit is not live`);
      const sample = { floor: floorMs, ours: event.ms.total, cargo: cargoMs, seen: seenMs, ms: event.ms };
      console.log(
        `${program.name} ${round}: ${['floor', 'ours', 'cargo'].map((way) => `${way} ${sample[way].toFixed(0)}`).join('  ')}`,
      );
      if (round > warmUp) samples.push(sample);
    }
    await task.interrupt('SIGINT');
  } catch (error) {
    console.error(task.transcript.join('\n'));
    throw error;
  } finally {
    task.destroy();
    await cargo.stop();
  }
  const of = (pick) => summary(samples.map(pick));
  return {
    name: program.name,
    what: program.what,
    floor: of((sample) => sample.floor),
    ours: of((sample) => sample.ours),
    cargo: of((sample) => sample.cargo),
    seen: of((sample) => sample.seen),
    rustc: of((sample) => sample.ms.rustc),
    diffAndLink: of((sample) => sample.ms.diff + sample.ms.link),
    loadAndApply: of((sample) => sample.ms.load + sample.ms.apply),
  };
}
