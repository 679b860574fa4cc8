import { publishCrates } from '../pipeline/store/publish-crates';
import type { TaskBuild } from '../tasks/build';

/**
 * Puts the crates of some packages into the store of each target folder. All builds of a folder at once: what the store has
 * of a package and none of them contains is removed.
 *
 * @param slotsOf how many slots each package of a target folder has
 * @returns names of the packages that cannot be published: a source was saved while it compiled
 */
export async function publishBuilds(
  builds: readonly TaskBuild[],
  only: ReadonlySet<string>,
  slotsOf: (targetDir: string) => (pkg: string) => number,
): Promise<ReadonlySet<string>> {
  const unknown = new Set<string>();
  for (const targetDir of new Set(builds.map(({ record }) => record.targetDir))) {
    const here = builds.filter(({ record }) => record.targetDir === targetDir);
    const [first] = here;
    if (first === undefined) continue;
    const records = here.map(({ record }) => record);
    const found = await publishCrates(records, { only, slotsOf: slotsOf(targetDir), places: first.places });
    for (const pkg of found) unknown.add(pkg);
  }
  return unknown;
}
