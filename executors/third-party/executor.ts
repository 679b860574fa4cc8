import type { ExecutorContext } from '@nx/devkit';
import { publishThirdParty } from '../pipeline/store/publish-third-party';
import { build } from '../tasks/build';
import { untilInterrupted } from '../tasks/interrupts';
import type { ProgramTaskOptions } from '../tasks/options';
import { outcome } from '../tasks/outcome';

/**
 * `nx run app:hotpatch-third-party`: builds what a program needs from elsewhere. cargo has no way to build that alone, so
 * the program is built on the way; the tasks that come after it find that done.
 */
export default (options: ProgramTaskOptions, context: ExecutorContext) =>
  outcome(context, async () => {
    const { program } = options;
    // Nobody knows yet for which program; the one that is built brings its own libraries.
    if (program === undefined) return true;
    const { record, ...here } = await build(options, context.root, untilInterrupted());
    publishThirdParty(record, options.package, program, here);
    return true;
  });
