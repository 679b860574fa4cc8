/**
 * Kills the session, its wrappers, rustc, the linker and the program at every step they take:
 *
 *     node e2e/faults/run.mjs [--short] [--full-disk] [--list] [--jobs=N] [--from=N] [--every=N] [--keep] [filter ...]
 *
 * The steps are those of a recording run (step.h says what a step is), so a new one is met as soon as it exists. For
 * each the scenario is played from a fresh workspace with that step as the last of its process, and judged. `--short`
 * takes a few, `--every=10` one of ten; a filter is a part of a step's name. With `--full-disk` nobody is killed: from
 * that step on the disk is full, until the session has said so. The last line is `N passed, N failed`.
 */
import { closeSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Task } from '../harness/task.mjs';
import { makeWorkspace } from '../harness/workspace.mjs';
import { makeFifo } from './fifo.mjs';
import { judge, judgeFullDisk } from './judge.mjs';
import { processesIn } from './processes.mjs';
import { playScenario } from './scenario.mjs';
import { selected, short, takesRoom } from './selection.mjs';
import { buildShim, Fault } from './shim.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'full-disk': { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '2' },
    from: { type: 'string', default: '0' },
    every: { type: 'string', default: '1' },
  },
});
const scratch = await mkdtemp(join(tmpdir(), 'nxf-'));
const shim = buildShim(scratch);

async function start(name, fault) {
  const root = join(scratch, name);
  const workspace = join(root, 'w');
  mkdirSync(root, { recursive: true });
  await makeWorkspace('cases', workspace);
  const armed = new Fault(shim, root, fault);
  const input = makeFifo(join(root, 'input'));
  const task = await Task.start({ workspace, scratch: join(root, '0'), env: armed.env, input });
  closeSync(input.reader);
  return { root, workspace, armed, task, step: fault?.step, starts: [task] };
}

async function record() {
  const run = await start('recording');
  await playScenario(run.task, run.workspace, run.armed);
  return run.armed.steps;
}

/** @returns {Promise<{ step: string, how: string, error?: Error, seconds: number }>} */
async function failAt(step, number) {
  const began = performance.now();
  const run = await start(String(number), {
    step,
    action: values['full-disk'] ? constants.errno.ENOSPC : 'kill',
  });
  const result = { step, how: 'WRONG' };
  try {
    // A killed session's program holds its pipes, so its exit is all that is heard of it, and no event comes any more.
    const killed = new Promise((resolve) =>
      run.task.child.once('exit', (_, signal) => {
        if (signal !== 'SIGKILL') return;
        run.task.events.close('the session was killed');
        resolve();
      }),
    );
    const error = await playScenario(run.task, run.workspace, run.armed, killed).then(
      () => undefined,
      (failure) => failure,
    );
    run.armed.end();
    if (run.armed.happened) result.how = await (values['full-disk'] ? judgeFullDisk(run) : judge(run));
    else if (error) throw error;
    else result.how = 'not reached';
  } catch (error) {
    result.error = error;
    writeFileSync(
      join(run.root, 'transcript.txt'),
      run.starts.map((each) => each.transcript.join('\n')).join('\n----\n'),
    );
  }
  for (const task of run.starts) task.destroy();
  for (const { pid } of processesIn(run.root)) process.kill(pid, 'SIGKILL');
  if (!result.error && !values.keep) rmSync(run.root, { recursive: true, force: true, maxRetries: 3 });
  result.seconds = (performance.now() - began) / 1000;
  return result;
}

const recorded = selected(await record());
const possible = values['full-disk'] ? recorded.filter(takesRoom) : recorded;
const steps = (values.short ? short(recorded) : possible)
  .filter((step) => positionals.length === 0 || positionals.some((part) => step.includes(part)))
  .slice(Number(values.from))
  .filter((_, at) => at % Number(values.every) === 0);
if (values.list) {
  console.log(steps.join('\n'));
  rmSync(scratch, { recursive: true, force: true });
  process.exit(0);
}

const results = [];
const queue = steps.map((step, number) => [step, number]);
async function player() {
  for (let next = queue.shift(); next; next = queue.shift()) {
    const result = await failAt(...next);
    results.push(result);
    const { step, how, error, seconds } = result;
    console.log(`${error ? '✗' : '✓'} ${step.replace('\t', ': ')}  — ${how}  ${seconds.toFixed(1)} s`);
    if (error)
      console.log(
        `    ${error.message.replaceAll('\n', '\n    ')}\n    kept: ${join(scratch, String(next[1]))}`,
      );
  }
}
await Promise.all(Array.from({ length: Number(values.jobs) }, player));

const failed = results.filter(({ error }) => error).length;
if (failed === 0 && !values.keep && existsSync(scratch)) rmSync(scratch, { recursive: true, force: true });
console.log(`\n${possible.length} steps, ${results.length} runs:`);
for (const how of [...new Set(results.map((result) => result.how))].sort())
  console.log(`  ${String(results.filter((result) => result.how === how).length).padStart(4)} ${how}`);
console.log(`${results.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 && results.length > 0 ? 0 : 1);
