import { publishThirdParty } from '../pipeline/store/publish-third-party';
import type { ProgramTaskOptions } from '../tasks/options';
import type { Builds } from './builds';

/** Options of the `codegen` executor for what a program needs from elsewhere. */
export interface ThirdPartyOptions extends ProgramTaskOptions {
  readonly thirdParty: true;
}

/**
 * Builds what a program needs from elsewhere. cargo has no way to build that alone, so the program is built on the way; the
 * tasks of its packages find that done.
 *
 * @returns what the task says
 */
export async function thirdParty(options: ThirdPartyOptions, builds: Builds): Promise<string> {
  const { program } = options;
  // Nobody knows yet for which program; the one that is built brings its own libraries.
  if (program === undefined) return '';
  const { record, words, summary, ...here } = await builds.of(options);
  publishThirdParty(record, options.package, program, here);
  return words.elsewhere === 0 ? '' : `${summary}\n`;
}
