import type { ExecutorContext } from '@nx/devkit';
import { publishImage } from '../pipeline/store/publish-image';
import { build } from '../tasks/build';
import { untilInterrupted } from '../tasks/interrupts';
import type { ProgramTaskOptions } from '../tasks/options';
import { nothingToDo } from '../tasks/other-profile';
import { outcome } from '../tasks/outcome';
import { whichProgram } from '../tasks/which-program';

/** `nx run app:hotpatch-image`: links a program so that it can be hot patched. */
export default (options: ProgramTaskOptions, context: ExecutorContext) =>
  outcome(context, async () => {
    const nothing = nothingToDo(context);
    if (nothing !== undefined) {
      process.stdout.write(nothing);
      return true;
    }
    const { program } = options;
    if (program === undefined) {
      // `nx run app:hotpatch --bin=server` comes by here too, and must not be stopped.
      process.stdout.write(`! ${whichProgram(options, context)}\n`);
      return true;
    }
    const { record, request, summary, ...here } = await build(options, context.root, untilInterrupted());
    if (summary !== undefined) process.stdout.write(`${summary}\n`);
    if (!(await publishImage(record, request, program, here))) {
      // The program runs here all the same, so those who need the image must not be stopped.
      process.stdout.write(
        `! The image of ${program} is of use in this clone alone: it contains the clone's path, or a source was saved while it compiled.\n`,
      );
    }
    return true;
  });
