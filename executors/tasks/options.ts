/** What the options of all tasks say, as the plugin writes them. Paths are relative to the Nx workspace. */
export interface PackageOptions {
  readonly manifestPath: string;
  /** Cargo's name of the package. */
  readonly package: string;
  /** Cargo's target folder, in which the outputs lie. */
  readonly targetDir: string;
  /** Cargo's name of the profile that is built. */
  readonly profile: string;
}

/** Of tasks for one program of a package. */
export interface ProgramTaskOptions extends PackageOptions {
  readonly bin?: string;
  readonly example?: string;
  readonly features?: readonly string[];
  readonly allFeatures?: boolean;
  readonly noDefaultFeatures?: boolean;
  /** The program's name: its folder among the outputs. Absent when cargo has no choice of its own. */
  readonly program?: string;
}
