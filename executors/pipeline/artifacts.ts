/**
 * The types that cross a border between two stages stand here, and nowhere else.
 * Everything is readonly: a stage makes its artifact once and later stages only read it.
 */

export type CrateKind = 'lib' | 'bin' | 'dylib' | 'proc-macro' | 'build-script';

/** One recorded rustc invocation of a workspace crate, exactly as cargo made it (our own additions included). */
export interface CrateRecord {
  /** `crate_name + extra-filename`, e.g. `core_lib-9f2c1d0a`: unique within a target folder. */
  readonly id: string;
  readonly name: string;
  readonly kind: CrateKind;
  readonly rustc: string;
  readonly args: readonly string[];
  /** Only the variables that cargo set for this crate (`CARGO_*`, `OUT_DIR`, build script `rustc-env`, ...). */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Absolute path of the crate's root source file. */
  readonly root: string;
  readonly outDir: string;
  /** `-C incremental` folder of the capture. */
  readonly incremental: string;
  /** `--extern name=path` with absolute paths; `path` of a workspace crate leads to another record's output. */
  readonly externs: readonly { readonly name: string; readonly path: string }[];
  /** Absolute paths from dep-info: sources, `include_str!` files. */
  readonly sources: readonly string[];
  /** Environment variables that the crate reads by `env!`/`option_env!`, from dep-info. */
  readonly envDeps: readonly string[];
  /** Folder with the crate's units as of the capture: `<unit name>.o` each. */
  readonly units: string;
}

/** One recorded linker invocation and the image it made. */
export interface ImageRecord {
  readonly path: string;
  readonly buildId: string;
  readonly linker: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Archives and rlibs of the link line, absolute, in link order. */
  readonly archives: readonly string[];
}

/** What **capture** gives: everything that is needed to compile without cargo and to patch without the linker. */
export interface BuildRecord {
  readonly workspaceRoot: string;
  readonly targetDir: string;
  readonly image: ImageRecord;
  /** Workspace crates that the image contains, dependencies before dependents. */
  readonly crates: readonly CrateRecord[];
  /** Files whose change asks for a new capture: manifests, lock file, cargo config, build scripts, proc macros. */
  readonly manifests: readonly string[];
}

/** What **compile** gives for one crate. */
export interface UnitSet {
  readonly crate: string;
  /** Folder of the crate's unit objects after this compile. */
  readonly folder: string;
  /** Names (without `.o`) of the units whose object is not the one of the previous set. */
  readonly changed: readonly string[];
  readonly gone: readonly string[];
}

/** One reason why a change is not applied. `code` is stable; the texts are for people. */
export interface Reason {
  readonly code: string;
  /** Demangled function, `Type.field`, file or symbol: what it is about. */
  readonly subject: string;
  readonly message: string;
  readonly remedy: string;
}

export type FunctionChange = 'changed' | 'new' | 'removed';

export interface PatchedFunction {
  /** Demangled, without hash: `app::routes::hello`. */
  readonly name: string;
  readonly symbol: string;
  readonly change: FunctionChange;
}

/** What **diff** gives. An empty `functions` with no `writes` and no `refused` means: nothing that runs has changed. */
export interface PatchPlan {
  readonly functions: readonly PatchedFunction[];
  /** Constants brought up to date in place (panic locations). */
  readonly writes: number;
  readonly notes: readonly string[];
  readonly refused: readonly Reason[];
}

/** What **link** gives. */
export interface PatchImage {
  readonly patch: number;
  readonly bytes: Buffer;
}

/** What one process acknowledged after **load** and **apply**. */
export interface Acknowledgement {
  readonly pid: number;
  readonly patch: number;
  readonly functions: readonly { readonly symbol: string; readonly old: string; readonly new: string }[];
  readonly ms: { readonly load: number; readonly apply: number };
  readonly pauseUs: number;
}
