import path from 'node:path';
import { closureOf } from '../cargo/containment';
import type { CargoPackage, CargoWorkspace, PackageCompile } from '../cargo/package';
import { type Input, projectAt, SOURCES, sourcesOf, TOOLS } from './inputs';

/** A package whose compile can be told by its inputs, in a workspace whose target folder Nx can cache. */
export interface TaskPackage {
  readonly pkg: CargoPackage & { readonly compile: PackageCompile };
  readonly workspace: CargoWorkspace & { readonly targetDir: string };
  readonly slots: number;
}

/** What the targets of a package are told by. Lists of projects are patterns for `dependsOn` and `inputs`. */
export interface Surroundings {
  /** Projects that are compiled before every crate of the package. */
  readonly needs: readonly string[];
  /** Projects that are compiled before its examples alone. */
  readonly exampleNeeds: readonly string[];
  /** Everything that decides what compiling the package gives. */
  readonly compileInputs: readonly Input[];
  /** Everything that decides what the crates from elsewhere become. */
  readonly thirdPartyInputs: readonly Input[];
  /** A configuration for each profile. */
  readonly profiles: Readonly<Record<string, { readonly profile: string }>>;
  /** A folder of the store, as an output of a target with the option `profile`. */
  readonly store: (...parts: string[]) => string;
}

export function surroundings(
  { pkg, workspace }: TaskPackage,
  profiles: Surroundings['profiles'],
): Surroundings {
  const byFolder = new Map(
    workspace.packages.flatMap(({ folder, compile }) => (compile === undefined ? [] : [[folder, compile]])),
  );
  const isMember = (folder: string) => byFolder.has(folder);
  // Of an example the dev dependencies are part of the program.
  const direct = pkg.examples.length > 0 ? pkg.dependencies : pkg.compile.needs;
  const closure = new Set(direct.flatMap((folder) => closureOf(folder, byFolder)));
  closure.delete(pkg.folder);
  const all = [...closure].sort();
  // A package that a path names and that is no member is compiled like one from a registry. No project has its files.
  const foreign = all
    .filter((folder) => !isMember(folder) && !folder.startsWith('..'))
    .map((folder) => `{workspaceRoot}/${folder}/**/*`);
  return {
    needs: pkg.compile.needs.filter(isMember).map(projectAt),
    exampleNeeds: direct
      .filter((folder) => isMember(folder) && !pkg.compile.needs.includes(folder))
      .map(projectAt),
    compileInputs: [SOURCES, ...sourcesOf(all.filter(isMember)), ...foreign, TOOLS],
    thirdPartyInputs: [...foreign, TOOLS],
    profiles,
    store: (...parts) =>
      path.posix.join('{workspaceRoot}', workspace.targetDir, 'hotpatch/store/{options.profile}', ...parts),
  };
}

/** An entry of `dependsOn` for each project; none when there are no projects. */
export function on(projects: readonly string[], target: string): { projects: string[]; target: string }[] {
  return projects.length === 0 ? [] : [{ projects: [...projects], target }];
}
