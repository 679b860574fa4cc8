import type { CargoWorkspace, PackageCompile } from '../cargo/package';
import { Closures } from './closures';
import { environmentInputs } from './environment';
import { type Input, projectAt } from './inputs';
import { DEFAULT_PROFILE, profileConfigurations } from './profiles';

/** A Cargo workspace as the targets of its packages see it. What they share is worked out once: there may be hundreds. */
export class TaskWorkspace {
  /** Relative to the Nx root. */
  readonly folder: string;
  /** A configuration for each profile besides the default one. */
  readonly profiles: Readonly<Record<string, { readonly profile: string }>>;
  /** Variables that cargo, rustc and build scripts heed. */
  readonly environment: readonly Input[];
  readonly #compiles: ReadonlyMap<string, PackageCompile>;
  readonly #patterns = new Map<string, string>();
  readonly #closures: Closures;

  constructor(workspace: CargoWorkspace) {
    this.folder = workspace.folder;
    this.profiles = profileConfigurations(workspace);
    this.environment = environmentInputs([DEFAULT_PROFILE, ...workspace.profiles]);
    this.#compiles = new Map(
      workspace.packages.flatMap(({ folder, compile }) => (compile === undefined ? [] : [[folder, compile]])),
    );
    this.#closures = new Closures(new Map([...this.#compiles].map(([folder, { needs }]) => [folder, needs])));
  }

  /** Whether tasks compile the package in a folder. */
  isMember(folder: string): boolean {
    return this.#compiles.has(folder);
  }

  /** How Nx finds the project in a folder. */
  projectAt(folder: string): string {
    return kept(this.#patterns, folder, () => projectAt(folder));
  }

  /** Folders of packages and of all that they are compiled after, sorted. */
  closureOf(folders: readonly string[]): readonly string[] {
    return this.#closures.of(folders);
  }
}

function kept<T>(known: Map<string, T>, key: string, make: () => T): T {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}
