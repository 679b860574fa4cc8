import type { CargoWorkspace } from '../cargo/package';
import { Closures, itemsOf } from './closures';
import { environmentInputs } from './environment';
import { type Input, projectAt } from './inputs';
import { DEFAULT_PROFILE, profileConfigurations } from './profiles';

type Pattern = string | undefined;

/** A Cargo workspace as the targets of its packages see it. What they share is worked out once: there may be hundreds. */
export class TaskWorkspace {
  /** Relative to the Nx root. */
  readonly folder: string;
  /** A configuration for each profile besides the default one. */
  readonly profiles: Readonly<Record<string, { readonly profile: string }>>;
  /** Variables that cargo, rustc and build scripts heed. */
  readonly environment: readonly Input[];
  /** How Nx finds the project in a folder, by folder. */
  readonly #projects: ReadonlyMap<string, string>;
  readonly #closures: Closures;
  /** The projects, and the files of packages without one, at the places of the folders of `#closures`. */
  readonly #inOrder: { readonly projects: readonly Pattern[]; readonly foreign: readonly Pattern[] };

  constructor(workspace: CargoWorkspace) {
    this.folder = workspace.folder;
    this.profiles = profileConfigurations(workspace);
    this.environment = environmentInputs([DEFAULT_PROFILE, ...workspace.profiles]);
    const members = workspace.packages.filter(({ compile }) => compile !== undefined);
    this.#projects = new Map(members.map(({ folder }) => [folder, projectAt(folder)]));
    this.#closures = new Closures(
      new Map([
        // What only examples and tests need is compiled after nothing that is known here.
        ...members.flatMap(({ dependencies }) =>
          dependencies.map((folder): [string, string[]] => [folder, []]),
        ),
        ...members.map(({ folder, compile }) => [folder, compile?.needs ?? []] as const),
      ]),
    );
    const { folders } = this.#closures;
    const foreign = folders.map((folder) => (this.#projects.has(folder) ? undefined : filesOutside(folder)));
    this.#inOrder = {
      projects: folders.map((folder) => this.projectAt(folder)),
      foreign: foreign.every((files) => files === undefined) ? [] : foreign,
    };
  }

  /** How Nx finds the project in a folder; undefined when tasks compile no package in it. */
  projectAt(folder: string): string | undefined {
    return this.#projects.get(folder);
  }

  /**
   * Packages and all that they are compiled after, in the order of their folders: the projects, and the files of packages
   * that a path names and that are no members. These are compiled like those from a registry; no project has their files.
   *
   * @param folders of packages that a member names
   * @param without is left out
   */
  closureOf(folders: readonly string[], without: string): { projects: string[]; foreign: string[] } {
    const set = this.#closures.of(folders, without);
    const { projects, foreign } = this.#inOrder;
    // Hardly any workspace has such packages.
    return { projects: itemsOf(set, projects), foreign: foreign.length === 0 ? [] : itemsOf(set, foreign) };
  }
}

/** Nx sees no file outside of its root. */
function filesOutside(folder: string): Pattern {
  return folder.startsWith('..') ? undefined : `{workspaceRoot}/${folder}/**/*`;
}
