import path from 'node:path';
import type { BuildRecord, CaptureRequest } from '../pipeline/artifacts';
import { capture } from '../pipeline/capture/capture';
import { readToolchain, type Toolchain } from '../pipeline/capture/toolchain';
import { type Places, placesOf } from '../pipeline/store/portable';
import { keepBase } from './base';
import { BuildFailure } from './build-failure';
import { CargoWords } from './cargo-words';
import type { ProgramTaskOptions } from './options';
import { Progress } from './progress';
import { taskRequest } from './request';

/** A program as it was built for a task, and what publishing it takes. */
export interface TaskBuild {
  readonly record: BuildRecord;
  readonly request: CaptureRequest;
  readonly toolchain: Toolchain;
  readonly places: Places;
  readonly words: CargoWords;
  /** What was built, in a sentence; undefined when everything was up to date. */
  readonly summary: string | undefined;
}

/** Warnings that this process has shown: cargo repeats those of a library in the build of each program. */
const shown = new Set<string>();

/**
 * Builds a program for its tasks; what the store has of it is not compiled again.
 *
 * Nx keeps what a task says and says it again whenever the task is a hit, so cargo's words are not passed on. Who waits sees
 * a line about the progress, warnings come when something was compiled, and all of it when the build fails.
 *
 * @param root absolute path of the Nx workspace
 * @throws BuildFailure when cargo said something and `capture` refuses
 * @throws Refusal as `capture` does
 * @throws Error when cargo's target folder is not the one in which Nx looks for outputs
 */
export async function build(
  options: ProgramTaskOptions,
  root: string,
  signal: AbortSignal,
): Promise<TaskBuild> {
  const request = taskRequest(options, root);
  const began = performance.now();
  const words = new CargoWords();
  const progress = new Progress(() => `${options.program ?? options.package}: ${words.now || 'building'}`);
  let record: BuildRecord;
  try {
    record = await capture(
      request,
      signal,
      (line) => progress.say(line),
      (text) => words.add(text),
    );
  } catch (error) {
    if (signal.aborted || words.all === '') throw error;
    throw new BuildFailure(error, words.all);
  } finally {
    progress.end();
  }
  for (const warning of words.warnings) {
    if (!shown.has(warning)) process.stderr.write(warning);
    shown.add(warning);
  }
  const expected = path.resolve(root, options.targetDir);
  if (record.targetDir !== expected) {
    throw new Error(
      `Cargo builds ${options.package} in ${record.targetDir}, and Nx looks for its outputs in ${expected}: run \`nx reset\`, so that it reads cargo's settings anew.`,
    );
  }
  keepBase(record);
  const env = { ...process.env, ...request.env };
  const toolchain = readToolchain(request.cwd, env);
  const summary = words.summary(performance.now() - began);
  return { record, request, toolchain, places: placesOf(root, toolchain, env), words, summary };
}
