/** A program that a package can run. */
export interface CargoProgram {
  readonly name: string;
  /** Features without which cargo refuses to build it. */
  readonly requiredFeatures: readonly string[];
}

/** What the graph needs to know of a Cargo package. Folders are relative to the Nx root, with `/`; `.` is the root. */
export interface CargoPackage {
  readonly name: string;
  readonly folder: string;
  readonly description?: string;
  readonly bins: readonly CargoProgram[];
  readonly examples: readonly CargoProgram[];
  /** Name of its library, when that is a shared one that programs in other languages load. */
  readonly cdylib?: string;
  /** `default-run` of the manifest. */
  readonly defaultRun?: string;
  /** Folders of the packages that it names by path, of every kind (normal, dev, build), each once, sorted. */
  readonly dependencies: readonly string[];
  /** Absent when no program contains it, and when its compile cannot be told by inputs: cargo gave no answer, or there is no lock file. */
  readonly compile?: PackageCompile;
}

/** What decides how a package is compiled, apart from its files and the environment. */
export interface PackageCompile {
  /** Folders of the packages that it names by path and that are compiled before it: normal and build dependencies. */
  readonly needs: readonly string[];
  /** Folder of the package whose programs contain it, when there is only one such package. */
  readonly onlyProgram?: string;
  /** Digest of the part of the lock file, of the features and of the profiles that its compile depends on. */
  readonly key: string;
}

/** A Cargo workspace, or a package that stands alone (which cargo treats as a workspace of one). */
export interface CargoWorkspace {
  readonly folder: string;
  readonly packages: readonly CargoPackage[];
  /** Cargo's target folder, relative to the Nx root; absent when it lies elsewhere, or when cargo gave no answer. */
  readonly targetDir?: string;
  /** As `programProfiles` gives them. */
  readonly profiles: readonly string[];
}
