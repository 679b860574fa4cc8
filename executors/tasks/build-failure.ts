import { sentence } from './batch-results';

/** A build that failed, with all that cargo said. */
export class BuildFailure extends Error {
  constructor(
    cause: unknown,
    /** Whole lines. */
    readonly words: string,
  ) {
    super(sentence(cause), { cause });
  }
}
