/** What a case can do and expect, a function a kind of step. A step that fails throws with what it saw. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectedNames, isOwn, namesOf } from './names.mjs';
import { withPatience } from './task.mjs';
import { lay, save } from './workspace.mjs';

/** Plays one step on the stage `{ task, workspace, folder }`. */
export async function play(step, stage) {
  for (let round = 0; round < (step.repeat ?? 1); round++) {
    if (step.edit) await edit(step.edit, stage, round);
    for (const [kind, expectation] of Object.entries(step)) {
      await expectations[kind]?.(expectation, stage, round, step);
    }
  }
}

/** `edit` is a folder of the case, or `{ path: text | (old text, round) => text }`. */
async function edit(what, { workspace, folder }, round) {
  if (typeof what === 'string') {
    const laid = await lay(join(folder, what), workspace);
    ok(laid.length > 0, `the folder ${what} of the case is empty`);
    return;
  }
  for (const [file, change] of Object.entries(what)) {
    const path = join(workspace, file);
    const text =
      typeof change === 'string' ? change : change(await readFile(path, 'utf8').catch(() => ''), round);
    await save(path, text);
  }
}

/** Every outcome that a save can have; each wait takes whichever comes, so a wrong one fails at once. */
const outcomes = ['patched', 'unchanged', 'compile-error', 'refused', 'restarted', 'exited'];

const expectations = {
  /** Pairs of line and answer (text or pattern), asked one after the other. */
  async ask(pairs, { task }) {
    for (const [line, expected] of Object.entries(pairs)) {
      const answer = await task.ask(line);
      if (expected instanceof RegExp) match(answer, expected, `answer to "${line}"`);
      else strictEqual(answer, String(expected), `answer to "${line}"`);
    }
  },

  /** `{ redirected, restored, added }`: the exact sets of names, `added` without those of std; or of those `{ includes }`, some. */
  async patched({ redirected = [], restored = [], added = [], notes }, stage) {
    const event = await outcome('patched', stage);
    compare(event, 'changed', redirected, 'redirected functions');
    compare(event, 'restored', restored, 'functions whose earlier code runs again');
    compare(event, 'new', added, 'new functions');
    compareNotes(event, notes);
    await sameProcess(stage);
  },

  async unchanged({ notes }, stage) {
    compareNotes(await outcome('unchanged', stage), notes);
    await sameProcess(stage);
  },

  async compileError(words, stage) {
    const event = await outcome('compile-error', stage);
    match(JSON.stringify(event.diagnostics), words);
    await stage.task.says(words); // rustc says it on the terminal too
    await sameProcess(stage);
  },

  /** `{ code, words, action, only }`: one reason with this code whose texts match, the only one; a restart is awaited. */
  async refused({ code, words, action = 'restart', only = false }, stage) {
    const event = await outcome('refused', stage);
    strictEqual(event.action, action, 'what the session does about it');
    const text = ({ subject, message, remedy }) => `${subject}: ${message} ${remedy}`;
    const reason = event.reasons.find((candidate) => candidate.code === code && words.test(text(candidate)));
    ok(reason, `a reason with code ${code} and ${words} in ${JSON.stringify(event.reasons)}`);
    if (only) deepStrictEqual(event.reasons, [reason], 'every reason');
    ok(reason.message.length > 0 && reason.remedy.length > 0, 'a refusal says what and what to do');
    if (action === 'restart') await restarted(stage);
    else await sameProcess(stage);
  },

  /** A restart without a refusal before it: the build itself changed. */
  async restarted(_, stage) {
    await restarted(stage);
  },

  /** The program ends by itself: `{ code, signal }` of its `exited` event; the task ends with `task`. */
  async exits({ tell, code = null, signal = null, task: ending }, { task }) {
    if (tell) task.child.stdin.write(`${tell}\n`);
    const event = await task.event('exited');
    deepStrictEqual({ code: event.code ?? null, signal: event.signal ?? null }, { code, signal });
    deepStrictEqual(await withPatience(task.exit, 'the end of the task'), { code: ending, signal: null });
  },

  /** `{ signal, ...exit }`: the task itself is sent a signal. */
  async interrupt({ signal, ...ending }, { task }) {
    deepStrictEqual(await task.interrupt(signal), { code: null, signal: null, ...ending });
  },

  async run(body, stage, round) {
    await body(stage, round);
  },
};

async function outcome(type, { task }) {
  const event = await task.event(...outcomes);
  strictEqual(event.event, type, `what came of the save: ${JSON.stringify(event)}`);
  return event;
}

/**
 * Those that a case lists are all there are, but for new ones of std. `{ own }` leaves out replaced ones of std, too,
 * where a new call moves its instances between units.
 */
function compare(event, change, expected, what) {
  const actual = namesOf(event, change);
  if (expected.own) {
    deepStrictEqual(actual.filter(isOwn), expectedNames(event, expected.own), what);
    return;
  }
  ok(Array.isArray(expected) || change === 'new', `a case lists all ${what}`);
  if (Array.isArray(expected)) {
    const own = change === 'new' ? actual.filter(isOwn) : actual;
    deepStrictEqual(own, expectedNames(event, expected), what);
    return;
  }
  const isPattern = (wanted) => wanted instanceof RegExp;
  const names = expectedNames(
    event,
    expected.includes.filter((wanted) => !isPattern(wanted)),
  );
  for (const name of names) ok(actual.includes(name), `${name} is among the ${what}: ${actual}`);
  for (const pattern of expected.includes.filter(isPattern))
    ok(
      actual.some((name) => pattern.test(name)),
      `one like ${pattern} is among the ${what}: ${actual}`,
    );
}

/** A pattern for all of them together, or exactly these. */
function compareNotes(event, expected) {
  if (Array.isArray(expected)) deepStrictEqual(event.notes, expected, 'notes');
  else if (expected) match(event.notes.join('\n'), expected);
}

async function sameProcess({ task, talks }) {
  if (talks === false) return;
  strictEqual(Number(await task.ask('pid')), task.pids.at(-1), 'the program is still the same process');
}

async function restarted(stage) {
  const before = stage.task.pids.at(-1);
  const event = await stage.task.event('restarted', 'exited');
  strictEqual(event.event, 'restarted');
  ok(event.pid !== before, 'the program is a new process');
  await sameProcess(stage);
}
