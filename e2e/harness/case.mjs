/** Plays one case folder from a fresh workspace to the last check that nothing was left behind. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { play } from './steps.mjs';
import { Task, withPatience } from './task.mjs';
import { versionOf } from './toolchain.mjs';
import { lay, linkPackages, makeWorkspace } from './workspace.mjs';

/** @returns {Promise<{ error?: Error, seconds?: number, missing?: string }>} `missing`: what it cannot be played without */
export async function playCase(folder, scratch) {
  const started = performance.now();
  let error;
  try {
    const { default: script } = await import(pathToFileURL(join(folder, 'case.mjs')).href);
    const missing = missingFor(script);
    if (missing) return { missing };
    for (const [index, [name, variant]] of Object.entries(script.variants ?? { '': {} }).entries()) {
      // Numbers keep the paths of sockets short.
      const place = script.variants ? join(scratch, String(index)) : scratch;
      error = await playVariant({ ...script, ...variant }, folder, place);
      if (error && name) error.message = `${name}: ${error.message}`;
      if (error) break;
      if (script.variants) await rm(place, { recursive: true, force: true });
    }
  } catch (failure) {
    error = failure;
  }
  return { error, seconds: (performance.now() - started) / 1000 };
}

function missingFor({ needs, needsRustc = 0 }) {
  if (needs && !isInstalled(needs)) return `${needs} on the PATH`;
  const minor = Number(/^rustc 1\.(\d+)/.exec(versionOf() ?? '')?.[1] ?? needsRustc);
  return minor < needsRustc ? `rustc 1.${needsRustc}, which its crates ask for` : undefined;
}

/** Each variant of a case has a workspace of its own. */
async function playVariant(script, folder, scratch) {
  await mkdir(scratch, { recursive: true });
  const stage = { folder, scratch, workspace: join(scratch, 'w'), tasks: [] };
  try {
    await prepare(stage, script);
    if (script.play) await script.play(stage);
    else await playSteps(stage, script);
    await stage.debugger?.end();
    for (const task of stage.tasks) await end(task);
    return undefined;
  } catch (error) {
    stage.debugger?.destroy();
    for (const task of stage.tasks) task.destroy();
    const transcripts = [...stage.tasks, stage.debugger]
      .filter(Boolean)
      .map((one) => one.transcript.join('\n'));
    error.transcript = transcripts.join('\n----\n');
    await writeFile(join(scratch, 'transcript.txt'), error.transcript);
    return error;
  }
}

function isInstalled(tool) {
  return spawnSync(tool, ['--version']).status === 0;
}

async function prepare(stage, script) {
  await makeWorkspace(script.fixture ?? 'cases', stage.workspace);
  await lay(join(stage.folder, 'before'), stage.workspace);
  if (script.via === 'nx') await linkPackages(stage.workspace);
  stage.talks = script.talks;
  stage.start = async (how = {}) => {
    const task = await Task.start({
      workspace: stage.workspace,
      scratch: join(stage.scratch, String(stage.tasks.length)),
      via: script.via,
      project: script.project,
      projectRoot: script.projectRoot,
      args: script.arguments,
      ...how,
      options: { ...script.options, ...how.options },
      env: { ...script.env?.(stage), ...how.env },
    });
    stage.tasks.push(task);
    return task;
  };
}

async function playSteps(stage, script) {
  stage.task = await stage.start();
  if (script.fails) {
    const { code, words } = script.fails;
    deepStrictEqual(await withPatience(stage.task.exit, 'the end of the task'), { code, signal: null });
    match(stage.task.output, words);
    deepStrictEqual(stage.task.pids, [], 'no program was started');
    return;
  }
  await stage.task.event('ready');
  for (const step of script.steps) await play(step, stage);
}

/** A task that a case leaves running is ended as a user ends it; then nothing of it may be left. */
async function end(task) {
  if (task.child.exitCode === null && task.child.signalCode === null) {
    strictEqual((await task.interrupt('SIGINT')).signal, null, 'the task ends by itself when interrupted');
  }
  deepStrictEqual(await task.leftovers(), [], 'what the task left behind');
}
