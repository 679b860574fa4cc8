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
  /** `default-run` of the manifest. */
  readonly defaultRun?: string;
  /** Folders of the packages that it names by path, of every kind (normal, dev, build), each once, sorted. */
  readonly dependencies: readonly string[];
}

/** A Cargo workspace, or a package that stands alone (which cargo treats as a workspace of one). */
export interface CargoWorkspace {
  readonly folder: string;
  readonly packages: readonly CargoPackage[];
}
