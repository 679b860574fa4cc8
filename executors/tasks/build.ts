import path from 'node:path';
import type { BuildRecord, CaptureRequest } from '../pipeline/artifacts';
import { capture } from '../pipeline/capture/capture';
import { readToolchain, type Toolchain } from '../pipeline/capture/toolchain';
import { type Places, placesOf } from '../pipeline/store/portable';
import { keepBase } from './base';
import type { ProgramTaskOptions } from './options';
import { taskRequest } from './request';

/** A program as it was built for a task, and what publishing it takes. */
export interface TaskBuild {
  readonly record: BuildRecord;
  readonly request: CaptureRequest;
  readonly toolchain: Toolchain;
  readonly places: Places;
}

/**
 * Builds a program for its tasks; what the store has of it is not compiled again.
 *
 * @param root absolute path of the Nx workspace
 * @throws Refusal as `capture` does
 * @throws Error when cargo's target folder is not the one in which Nx looks for outputs
 */
export async function build(
  options: ProgramTaskOptions,
  root: string,
  signal: AbortSignal,
): Promise<TaskBuild> {
  const request = taskRequest(options, root);
  const record = await capture(request, signal, (line) => process.stderr.write(`${line}\n`));
  const expected = path.resolve(root, options.targetDir);
  if (record.targetDir !== expected) {
    throw new Error(
      `Cargo builds ${options.package} in ${record.targetDir}, and Nx looks for its outputs in ${expected}: run \`nx reset\`, so that it reads cargo's settings anew.`,
    );
  }
  keepBase(record);
  const env = { ...process.env, ...request.env };
  const toolchain = readToolchain(request.cwd, env);
  return { record, request, toolchain, places: placesOf(root, toolchain, env) };
}
