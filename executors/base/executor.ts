import { rmSync } from 'node:fs';
import path from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { writeWhole } from '../pipeline/capture/atomic-file';
import { Store } from '../pipeline/store/store';
import type { Base } from '../tasks/base';
import { findOrBuildBase, type PatchOptions } from '../tasks/find-base';
import { untilInterrupted } from '../tasks/interrupts';
import { outcome } from '../tasks/outcome';
import { whichProgram } from '../tasks/which-program';

/**
 * `nx run app:hotpatch-base`: says from which build a patch starts, as a file that is an input of `hotpatch-patch`. What lies
 * in the target folder is no input that Nx could hash by itself.
 */
export default (options: PatchOptions, context: ExecutorContext) =>
  outcome(context, async () => {
    const { root } = context;
    const { program } = options;
    if (program === undefined) throw new Error(whichProgram(options, context));
    const store = new Store(path.resolve(root, options.targetDir), options.profile);
    try {
      const { base, isNew } = await findOrBuildBase(options, program, root, untilInterrupted());
      if (isNew) process.stdout.write('! There was no base: the present sources were built as one.\n');
      const file = path.join(store.base(options.package, program), 'base.json');
      writeWhole(file, `${JSON.stringify(identityOf(base, root), null, 1)}\n`);
      return true;
    } catch (error) {
      // Nobody must take the patch of before for one from this base.
      rmSync(store.patch(options.package, program), { recursive: true, force: true });
      throw error;
    }
  });

/** The same in every clone: which image, and what cargo made it from. */
function identityOf({ record, manifests }: Base, root: string): object {
  const within = (file: string) => path.relative(root, file);
  const entries = Object.entries(manifests).map(([file, digest]) => [within(file), digest]);
  return { image: record.image.buildId, manifests: Object.fromEntries(entries.sort()) };
}
