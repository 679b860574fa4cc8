/**
 * The types that cross a border between two stages stand here, and nowhere else.
 * Everything is readonly: a stage makes its artifact once and later stages only read it.
 */

export type CrateKind = 'lib' | 'bin' | 'cdylib' | 'dylib' | 'proc-macro' | 'build-script';

/** What **capture** is asked for: one executable of one Cargo workspace, or one library that another program loads. Paths are absolute. */
export interface CaptureRequest {
  /** Where cargo runs. */
  readonly cwd: string;
  /** The Nx workspace. What is compiled in it can be used in other clones of it. */
  readonly workspaceRoot?: string;
  readonly manifestPath?: string;
  readonly package?: string;
  /** Without `bin` and `example` the package must have one binary, or name one as `default-run`. */
  readonly bin?: string;
  readonly example?: string;
  /** The package's shared library (`cdylib`), which is also what a package without binaries means. */
  readonly lib?: boolean;
  readonly features?: readonly string[];
  readonly allFeatures?: boolean;
  readonly noDefaultFeatures?: boolean;
  readonly profile?: string;
  readonly release?: boolean;
  /** Further arguments for `cargo build`, as they are. */
  readonly cargoArgs?: readonly string[];
  /** Variables on top of the present environment, for cargo and for every later rustc. */
  readonly env?: Readonly<Record<string, string>>;
  /** The loader library to be linked in; that of this package when absent. */
  readonly loader?: string;
  /** Folder of the compiled wrapper scripts; that of this package when absent. */
  readonly wrappers?: string;
}

/** One recorded rustc invocation of a workspace crate, exactly as cargo made it (our own additions included). */
export interface CrateRecord {
  /** `crate_name + extra-filename`, e.g. `core_lib-9f2c1d0a`: unique within a target folder. */
  readonly id: string;
  readonly name: string;
  readonly kind: CrateKind;
  readonly rustc: string;
  /** The user's own `RUSTC_WORKSPACE_WRAPPER`, which gets `rustc` as its first argument. */
  readonly wrapper: string | null;
  readonly args: readonly string[];
  /** Only the variables that cargo set for this crate (`CARGO_*`, `OUT_DIR`, build script `rustc-env`, ...). */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Absolute path of the crate's root source file. */
  readonly root: string;
  readonly outDir: string;
  /** Name of the dep-info file that rustc writes into the output folder. */
  readonly depInfo: string;
  /** Folder with the finalized incremental session of the capture, all but the units; see `incremental.ts`. */
  readonly state: string;
  /** `--extern name=path` with absolute paths; `path` of a workspace crate leads to another record's output. */
  readonly externs: readonly { readonly name: string; readonly path: string }[];
  /** Absolute paths from dep-info: sources, `include_str!` files. */
  readonly sources: readonly string[];
  /** Environment variables that the crate reads by `env!`/`option_env!`, from dep-info. */
  readonly envDeps: readonly string[];
  /** Folder with the crate's units as of the capture: `<unit name>.o` each. Nobody ever writes into it. */
  readonly units: string;
  /** The folder that lay at the same path as in every clone when rustc ran, see `same-path.ts`. */
  readonly samePath: string | null;
  /** Null when a source was saved while rustc ran: nobody knows which text it has read. */
  readonly inputs: CrateInputs | null;
}

/** What a compile depends on besides its command line, by content: SHA-256 in hex. Paths are absolute. */
export interface CrateInputs {
  /** What `rustc -vV` prints. */
  readonly toolchain: string;
  readonly sources: Readonly<Record<string, string>>;
  /** Of the variables that the sources name; null for one that is not set. */
  readonly environment: Readonly<Record<string, string | null>>;
  /** The metadata of each library that it names, and the native libraries that become part of it. */
  readonly externs: Readonly<Record<string, string>>;
}

/** One recorded linker invocation and the image it made. */
export interface ImageRecord {
  /** The executable or library as cargo reports it: the one to run or load. A later build replaces it. */
  readonly path: string;
  /** A shared library: it is another program that runs, and loads it. */
  readonly shared: boolean;
  /** A hard link to the same image that no later build replaces: the one to read. */
  readonly file: string;
  /** The image as linked, before real paths were written into it; null when it was made for this clone alone. */
  readonly portable: string | null;
  /** The id of the executable's or library's own crate. */
  readonly crate: string;
  readonly buildId: string;
  readonly linker: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Archives and rlibs of the link line, absolute, in link order; after them rlibs that no code names yet. */
  readonly archives: readonly string[];
  /** Ids of the workspace crates among them, and the executable's own. */
  readonly crates: readonly string[];
  /** Which compile of each library it was linked with: a key by crate id. */
  readonly compiles: Readonly<Record<string, string>>;
}

/** What **capture** gives: everything that is needed to compile without cargo and to patch without the linker. */
export interface BuildRecord {
  readonly workspaceRoot: string;
  readonly targetDir: string;
  /** Cargo's name of it. */
  readonly profile: string;
  readonly image: ImageRecord;
  /**
   * Workspace crates that the program depends on, dependencies before dependents. `image.crates` says which of them the
   * image contains: rustc links no library that no code names.
   */
  readonly crates: readonly CrateRecord[];
  /** Further libraries of the workspace that cargo compiled for it: what runs in the compiler or in shared libraries. */
  readonly unused: readonly CrateRecord[];
  /** Files whose change asks for a new capture: manifests, lock file, cargo config, build scripts, proc macros. */
  readonly manifests: readonly string[];
  /** What else the build made and a compile needs: libraries of third parties, and local proc macros. */
  readonly libraries: readonly { readonly path: string; readonly local: boolean }[];
  /** What cargo made of packages from elsewhere; empty for a build that was made without cargo. */
  readonly thirdParty: readonly ThirdPartyUnit[];
  /** Variables that build scripts asked for by `rerun-if-env-changed`. */
  readonly scriptVariables: readonly string[];
  /** The `env` of the request, which every later rustc needs too. */
  readonly env: Readonly<Record<string, string>>;
}

/** One thing that cargo made of a package from elsewhere: a library, a build script, a run of one. Paths are absolute. */
export interface ThirdPartyUnit {
  /** Folder in which cargo keeps by what it is fresh. */
  readonly fingerprint: string;
  readonly files: readonly string[];
  /** Folder with all that was made, for a build script and its run. */
  readonly folder?: string;
  /** Folder of the package's sources. */
  readonly sources: string;
}

/** What **compile** gives for one crate. */
export interface UnitSet {
  readonly crate: string;
  /** Folder of the objects of the changed units, `<unit name>.o` each. Nobody ever writes into it. */
  readonly folder: string;
  /** Names (without `.o`) of the units whose object is not the one of the previous set. */
  readonly changed: readonly string[];
  readonly gone: readonly string[];
}

/** A crate as a session compiled it last, wherever that leads. */
export interface CompiledCrate {
  /** Of the capture: by what it was compiled. */
  readonly record: CrateRecord;
  /** rustc's incremental folder for it in this session, and the name of the state in there. */
  readonly incremental: string;
  readonly session: string;
  /** Folder of its other outputs. */
  readonly outDir: string;
  /** Milliseconds since 1970: when rustc started. */
  readonly since: number;
  /** SHA-256 of the files whose save led to the compile, as of that moment. */
  readonly saved: Readonly<Record<string, string>>;
}

/** One message of rustc. */
export interface Diagnostic {
  /** `error`, `warning`, ... as rustc calls it. */
  readonly level: string;
  /** `E0308`, a lint's name, or null. */
  readonly code: string | null;
  readonly message: string;
  readonly file: string | null;
  /** From 1. */
  readonly line: number | null;
  /** As rustc shows it in a terminal, coloured. */
  readonly rendered: string;
}

/** All that rustc said of a crate. */
export interface CrateDiagnostics {
  readonly crate: string;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * What a whole compile gives. With `ok` false a crate did not compile: `units` is empty, and what did compile is
 * part of the next result. The sets are relative to the last result that was accepted.
 */
export interface CompileResult {
  readonly ok: boolean;
  readonly units: readonly UnitSet[];
  readonly diagnostics: readonly Diagnostic[];
  /** The same by the crates that were compiled, dependencies first. */
  readonly crates: readonly CrateDiagnostics[];
  /** Wall time in milliseconds. */
  readonly ms: number;
}

/** One reason why a change is not applied. `code` is stable; the texts are for people. */
export interface Reason {
  readonly code: string;
  /** Demangled function, `Type.field`, file or symbol: what it is about. */
  readonly subject: string;
  readonly message: string;
  readonly remedy: string;
}

/** `restored`: an entry leads to older code again, which is still in memory. */
export type FunctionChange = 'changed' | 'new' | 'removed' | 'restored';

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
  /** Why a process refuses the patch that has values of a layout that is another one now. */
  readonly layouts: readonly Reason[];
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
  /** The longest time that a thread of the program had to wait, in microseconds. */
  readonly pauseUs: number;
  /** Functions whose old code was on a stack at that moment, at `old`; `threads` as `name (tid)`. */
  readonly busy: readonly {
    readonly symbol: string;
    readonly old: string;
    readonly threads: readonly string[];
  }[];
}
