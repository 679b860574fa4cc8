import path from 'node:path';
import type { CargoBuild } from './cargo-build';
import type { CargoPackage, Workspace } from './cargo-metadata';

/**
 * Ids of the packages of which proc macros and build scripts of a build are made. Where the settings agree, cargo compiles
 * a library once for them and for the program; an edit of it is then a change of both.
 */
export function buildTimePackages(
  { packages }: Pick<Workspace, 'packages'>,
  { artifacts }: Pick<CargoBuild, 'artifacts'>,
): ReadonlySet<string> {
  const byFolder = new Map(packages.map((each) => [path.dirname(each.manifest), each]));
  const below = (of: CargoPackage | undefined, ofBuildScript: boolean) =>
    (of?.localDependencies ?? [])
      .filter((each) => each.ofBuildScript === ofBuildScript)
      .flatMap(({ folder }) => byFolder.get(folder) ?? []);
  const made = (kind: string) =>
    artifacts
      .filter((each) => each.local && each.kind.includes(kind))
      .map((each) => packages.find(({ id }) => id === each.package));
  const open = [
    ...made('proc-macro').flatMap((each) => below(each, false)),
    ...made('custom-build').flatMap((each) => below(each, true)),
  ];
  const found = new Set<string>();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next.id)) continue;
    found.add(next.id);
    open.push(...below(next, false));
  }
  return found;
}
