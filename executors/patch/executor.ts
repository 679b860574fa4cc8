import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import type { ExecutorContext } from '@nx/devkit';
import { engine } from '../../native/addon';
import { Store } from '../pipeline/store/store';
import { findOrBuildBase, type PatchOptions } from '../tasks/find-base';
import { untilInterrupted } from '../tasks/interrupts';
import { outcome } from '../tasks/outcome';
import { whichProgram } from '../tasks/which-program';
import { makePatch, type PatchAttempt } from './make-patch';
import { reportLines, reportOf } from './report';

/** `nx run app:hotpatch-patch`: the patch from a build to the present sources, as a file. */
export default (options: PatchOptions, context: ExecutorContext) =>
  outcome(context, async () => {
    const { root } = context;
    const { program } = options;
    if (program === undefined) throw new Error(whichProgram(options, context));
    const native = engine();
    const signal = untilInterrupted();
    const began = performance.now();
    // `hotpatch-base` has looked for it before; it is gone only if somebody removed it since.
    const { base } = await findOrBuildBase(options, program, root, signal);
    const attempt = await makePatch(base, (request) => native.call(request), signal);
    const ms = performance.now() - began;
    const folder = new Store(path.resolve(root, options.targetDir), options.profile).patch(
      options.package,
      program,
    );
    const image = base.record.image.buildId;
    await writePatch(folder, attempt, { base: image, ...reportOf(attempt, ms) });
    process.stdout.write(reportLines(attempt, path.relative(root, folder)));
    return attempt.outcome === 'patched' || attempt.outcome === 'unchanged';
  });

/** The folder holds what one attempt gave, never parts of two. */
async function writePatch(folder: string, attempt: PatchAttempt, report: object): Promise<void> {
  const draft = `${folder}.${process.pid}.draft`;
  await mkdir(draft, { recursive: true });
  if (attempt.outcome === 'patched') await writeFile(path.join(draft, 'patch.so'), attempt.bytes);
  await writeFile(path.join(draft, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  await rm(folder, { recursive: true, force: true });
  await rename(draft, folder);
}
