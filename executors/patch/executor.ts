import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import type { ExecutorContext } from '@nx/devkit';
import { engine } from '../../native/addon';
import { Store } from '../pipeline/store/store';
import { readBase } from '../tasks/base';
import { build } from '../tasks/build';
import { untilInterrupted } from '../tasks/interrupts';
import type { ProgramTaskOptions } from '../tasks/options';
import { outcome } from '../tasks/outcome';
import { whichProgram } from '../tasks/which-program';
import { makePatch, type PatchAttempt } from './make-patch';
import { reportLines, reportOf } from './report';

/** `nx run app:hotpatch-patch`: the patch from the program built last to the present sources, as a file. */
export default (options: ProgramTaskOptions, context: ExecutorContext) =>
  outcome(context, async () => {
    const { root } = context;
    const { program } = options;
    if (program === undefined) throw new Error(whichProgram(options, context));
    const began = performance.now();
    const attempt = await attemptFrom(options, program, root);
    const ms = performance.now() - began;
    const folder = new Store(path.resolve(root, options.targetDir), options.profile).patch(
      options.package,
      program,
    );
    await writePatch(folder, attempt, ms);
    process.stdout.write(reportLines(attempt, path.relative(root, folder)));
    return attempt.outcome === 'patched' || attempt.outcome === 'unchanged';
  });

async function attemptFrom(
  options: ProgramTaskOptions,
  program: string,
  root: string,
): Promise<PatchAttempt> {
  const native = engine();
  const signal = untilInterrupted();
  const base = readBase(path.resolve(root, options.targetDir), options.profile, options.package, program);
  if (base !== undefined) return makePatch(base, (request) => native.call(request), signal);
  await build(options, root, signal);
  return { outcome: 'unchanged', notes: ['There was no base: the present sources were built as one.'] };
}

/** The folder holds what one attempt gave, never parts of two. */
async function writePatch(folder: string, attempt: PatchAttempt, ms: number): Promise<void> {
  const draft = `${folder}.${process.pid}.draft`;
  await mkdir(draft, { recursive: true });
  if (attempt.outcome === 'patched') await writeFile(path.join(draft, 'patch.so'), attempt.bytes);
  await writeFile(path.join(draft, 'report.json'), `${JSON.stringify(reportOf(attempt, ms), null, 2)}\n`);
  await rm(folder, { recursive: true, force: true });
  await rename(draft, folder);
}
