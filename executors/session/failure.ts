import type { Reason } from '../pipeline/artifacts';
import { cannotWrite } from '../pipeline/cannot-write';
import type { Outcome, Save } from '../pipeline/pipeline';
import { Refusal } from '../pipeline/refusal';

/** A build has no running code to disagree with: whatever stops it means that there is no new program. */
export function failure(thrown: unknown, save: Save): Outcome {
  const reasons = reasonsOf(thrown);
  return save.rebuild ? { kind: 'build-failed', reasons } : { kind: 'refused', reasons };
}

export function reasonsOf(thrown: unknown): readonly Reason[] {
  return thrown instanceof Refusal ? thrown.reasons : [cannotWrite(thrown) ?? internalError(thrown)];
}

function internalError(thrown: unknown): Reason {
  return {
    code: 'internal-error',
    subject: 'nx-hotpatch',
    message: thrown instanceof Error ? thrown.message : String(thrown),
    remedy: 'Restart the program; if it happens again, report it with this message.',
  };
}
