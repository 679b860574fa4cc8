/** What must be true after a fault: of the program, of the task, and of the next start. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { patience, Task, withPatience } from '../harness/task.mjs';
import { eventually, processesIn } from './processes.mjs';
import { answerOf, answerTo, factorIn, saveFactor } from './scenario.mjs';

/** Factors that the scenario saves; a program has one of them, whichever patch was the last that reached it. */
const factors = [2, 30, 31];

/**
 * @param {{ task: Task, workspace: string, root: string, step: string }} run the task has met its fault
 * @returns {Promise<string>} how the task ended, in a word
 */
export async function judge(run) {
  const killed = run.step.split('\t')[0];
  const ended = await taskEnded(run.task);
  const program = programOf(run);
  if (program) await answersRight(run.task, 'the program that the fault left alive');
  const how = ended ? describeEnd(run, killed, ended) : await carriesOn(run);
  await nextStartWorks(run);
  if (program && ended) await programEndsCleanly(run);
  await eventually('the end of every process', () => processesIn(run.root).length === 0, patience);
  return program && ended ? `${how}, the program ran on` : how;
}

/**
 * The same when nobody was killed and the disk was full for a while: the session has said so or did not need to, and its
 * program has not been disturbed.
 */
export async function judgeFullDisk(run) {
  const { task, workspace } = run;
  const ended = await taskEnded(task);
  strictEqual(ended?.signal ?? null, null, 'the task was not ended by a signal');
  const how = ended ? describeEnd(run, 'nobody', ended) : await carriesOn(run);
  // The tools of the toolchain have words of their own.
  const ours = /^(session|rustc-wrapper|linker-wrapper)/.test(run.step);
  if (ours && how !== 'went unnoticed')
    match(task.output, /no space left on (the )?device/i, 'the disk is said to be full');
  strictEqual(programOf({ workspace }), undefined, 'the program ended with its session');
  await nextStartWorks(run);
  await eventually('the end of every process', () => processesIn(run.root).length === 0, patience);
  return how;
}

/** `exit`, not `close`: a program that lives on holds the pipes. */
async function taskEnded({ child }) {
  if (child.exitCode === null && child.signalCode === null) return undefined;
  return { code: child.exitCode, signal: child.signalCode };
}

function programOf({ workspace }) {
  return processesIn(workspace).find(({ exe }) => exe === join(workspace, 'target/debug/app'));
}

async function answersRight(task, who) {
  const answer = await answerOf(task);
  ok(factors.map(answerTo).includes(answer), `${who} answers ${answer}`);
}

function describeEnd({ task }, killed, { code, signal }) {
  if (killed === 'session') {
    deepStrictEqual({ code, signal }, { code: null, signal: 'SIGKILL' });
    return 'session killed';
  }
  strictEqual(signal, null, 'the task ends by itself');
  if (killed === 'app') {
    strictEqual(code, 137, 'the task ends as its program did');
    return 'program killed';
  }
  if (code === 130 || code === 0) return describeOutcome(task);
  strictEqual(code, 1);
  match(task.output, /^✗ .+/m, 'the task says why it ended');
  ok(!/^ +at .*\.js:\d+/m.test(task.output), 'it says so without a stack of our own');
  return 'build refused';
}

/** The session went on to the end of the scenario, and said what it met. */
function describeOutcome(task) {
  const events = task.transcript
    .filter((line) => line.slice(9, 14) === 'event')
    .map((line) => JSON.parse(line.slice(16)));
  if (events.some(({ event }) => event === 'compile-error')) return 'compile error, the next save went live';
  // The scenario changes a manifest itself.
  const codes = events.flatMap(({ reasons = [] }) => reasons.map(({ code }) => code));
  const met = codes.find((code) => code !== 'manifest-changed');
  // The end of a process that had done its work is no failure.
  return met === undefined ? 'went unnoticed' : `refused (${met}), the program ran on`;
}

/** The session is there: the next save reaches the same program. */
async function carriesOn({ task, workspace }) {
  await answersRight(task, 'the program');
  await savedAndAnswered(task, workspace, 32);
  strictEqual((await task.interrupt('SIGINT')).signal, null, 'the task ends by itself when interrupted');
  deepStrictEqual(await task.leftovers(), [], 'what the task left behind');
  return 'session ran on';
}

async function savedAndAnswered(task, workspace, factor) {
  await saveFactor(workspace, factor);
  let event;
  do event = await task.event('patched', 'restarted', 'refused', 'compile-error', 'exited');
  while (event.event === 'refused' && event.action === 'restart');
  ok(['patched', 'restarted'].includes(event.event), `a save after it: ${JSON.stringify(event)}`);
  strictEqual(await answerOf(task), answerTo(factor), 'the saved code is live');
}

/** A task in the same workspace and with the same folder for temporary files, as the user's next one. */
async function nextStartWorks({ task, workspace, root, starts }) {
  const { temporary } = task;
  const next = await Task.start({
    workspace,
    scratch: join(root, 'next'),
    env: { TMPDIR: temporary, XDG_RUNTIME_DIR: temporary },
  });
  starts.push(next);
  await next.event('ready');
  strictEqual(await answerOf(next), answerTo(await factorIn(workspace)), 'what the next start runs');
  await saveFactor(workspace, 33);
  const event = await next.event('patched', 'refused', 'compile-error', 'restarted', 'exited');
  strictEqual(event.event, 'patched', `a save after the next start: ${JSON.stringify(event)}`);
  strictEqual(await answerOf(next), answerTo(33));
  const { code } = await next.interrupt('SIGINT');
  ok(code === 130 || code === 0, `the next task ends with ${code}`);
  deepStrictEqual(leftIn(workspace, temporary), [], 'what is left after the next start');
}

/** Folders of sessions that are gone, and drafts that nobody will finish. */
function leftIn(workspace, temporary) {
  const hotpatch = join(workspace, 'target/hotpatch');
  const left = ['sessions', 'runs'].flatMap((name) =>
    namesIn(join(hotpatch, name)).map((each) => `${name}/${each}`),
  );
  return [...left, ...namesIn(temporary).filter((name) => name.startsWith('nx-hotpatch-'))];
}

function namesIn(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Its input ends, and it returns from `main`: nothing of the dead session stands in its way. */
async function programEndsCleanly({ task, workspace }) {
  await answersRight(task, 'the program, after the next start');
  task.input.end();
  await withPatience(task.exit, 'the end of the output of the program that lived on');
  await eventually('the end of the program', () => programOf({ workspace }) === undefined, patience);
}
