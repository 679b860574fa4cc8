import type { ExecutorContext } from '@nx/devkit';
import { publishThirdParty } from '../pipeline/store/publish-third-party';
import { sentence } from '../tasks/batch-results';
import { build } from '../tasks/build';
import { untilInterrupted } from '../tasks/interrupts';
import type { ProgramTaskOptions } from '../tasks/options';

/**
 * `nx run app:hotpatch-third-party`: builds what a program needs from elsewhere. cargo has no way to build that alone, so the
 * program is built on the way; the tasks that come after it find that done.
 */
export default async function thirdParty(
  options: ProgramTaskOptions,
  { root }: ExecutorContext,
): Promise<{ readonly success: boolean }> {
  try {
    const { record } = await build(options, root, untilInterrupted());
    publishThirdParty(record, options.package);
    return { success: true };
  } catch (error) {
    process.stderr.write(`✗ ${sentence(error)}\n`);
    return { success: false };
  }
}
