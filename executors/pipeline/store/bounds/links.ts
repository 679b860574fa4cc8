import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';

/**
 * Refuses to publish through a link: what is replaced or removed on the way would be somebody's files elsewhere. Nx 23 puts
 * links back as a remote cache gives them.
 *
 * @param folder    of the store, maybe not there yet
 * @param targetDir cargo's; it may be a link of the user's own
 * @throws Error with one sentence
 */
export function refuseLinks(folder: string, targetDir: string): void {
  let present = folder;
  while (!existsSync(present) && present.startsWith(`${targetDir}/`)) present = path.dirname(present);
  if (
    !existsSync(targetDir) ||
    realpathSync(present) === path.join(realpathSync(targetDir), path.relative(targetDir, present))
  )
    return;
  throw new Error(
    `${present} is reached through a link, where a cache's entries lie: remove the link, and run it again.`,
  );
}
