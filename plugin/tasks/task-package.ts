import path from 'node:path';
import type { CargoPackage, PackageCompile } from '../cargo/package';
import { type Input, SOURCES, sourcesOf, TOOLS } from './inputs';
import type { TaskWorkspace } from './task-workspace';

/** A package whose compile can be told by its inputs, in a workspace whose target folder Nx can cache. */
export interface TaskPackage {
  readonly pkg: CargoPackage & { readonly compile: PackageCompile };
  readonly workspace: TaskWorkspace;
  /** Cargo's target folder, relative to the Nx root. */
  readonly targetDir: string;
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

export function surroundings({ pkg, workspace, targetDir }: TaskPackage): Surroundings {
  // Of an example the dev dependencies are part of the program.
  const direct = pkg.examples.length > 0 ? pkg.dependencies : pkg.compile.needs;
  const projectsAt = (folders: readonly string[]) =>
    folders.flatMap((folder) => workspace.projectAt(folder) ?? []);
  const { projects, foreign } = workspace.closureOf(direct, pkg.folder);
  const root = path.posix.join('{workspaceRoot}', targetDir, 'hotpatch/store/{options.profile}');
  return {
    needs: projectsAt(pkg.compile.needs),
    exampleNeeds: projectsAt(direct.filter((folder) => !pkg.compile.needs.includes(folder))),
    compileInputs: [SOURCES, ...sourcesOf(projects), ...foreign, TOOLS],
    thirdPartyInputs: [...foreign, TOOLS],
    profiles: workspace.profiles,
    store: (...parts) => `${root}/${parts.join('/')}`,
  };
}

/** An entry of `dependsOn` for each project; none when there are no projects. */
export function on(projects: readonly string[], target: string): { projects: string[]; target: string }[] {
  return projects.length === 0 ? [] : [{ projects: [...projects], target }];
}
