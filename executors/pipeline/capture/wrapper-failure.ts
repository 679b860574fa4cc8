import { cannotWrite } from '../cannot-write';
import { refuse } from './run';

/**
 * From here on, what goes wrong in a wrapper ends it with one line in cargo's output. A place that cannot be written is
 * a reason, which the capture gets too when there is room for it.
 */
export function endClearly(runFile: string): void {
  process.on('uncaughtException', (error: Error) => {
    const reason = cannotWrite(error);
    try {
      if (reason) refuse(runFile, reason);
    } catch {
      // The same disk is full.
    }
    const { message, remedy } = reason ?? { message: `nx-hotpatch: ${error.message}.`, remedy: '' };
    process.stderr.write(`error: ${message} ${remedy}\n`);
    process.exit(1);
  });
}
