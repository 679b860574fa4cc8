import type { CargoPackage, CargoWorkspace } from './cargo/package';

/**
 * The project's name of each package, by folder: the package's own name. Cargo keeps names apart within a workspace
 * only, and Nx wants them unique, so packages of several Cargo workspaces that share a name are called
 * `<package>@<folder>`, all of them: which one came first must not matter. Neither half can contain the other's
 * delimiter, and folders are unique, so such a name clashes with no other.
 */
export function projectNames(workspaces: readonly CargoWorkspace[]): ReadonlyMap<string, string> {
  const packages = workspaces.flatMap((workspace) => workspace.packages);
  const count = new Map<string, number>();
  for (const { name } of packages) count.set(name, (count.get(name) ?? 0) + 1);
  const nameOf = ({ name, folder }: CargoPackage) =>
    (count.get(name) ?? 0) > 1 ? `${name}@${folder}` : name;
  return new Map(packages.map((pkg) => [pkg.folder, nameOf(pkg)]));
}
