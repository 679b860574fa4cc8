import type { CaptureRequest } from '../artifacts';
import { Refusal } from '../refusal';
import { runCargo } from './cargo-process';

/** What capture reads from `cargo metadata --no-deps`. Paths are absolute. */
export interface Workspace {
  readonly root: string;
  readonly targetDir: string;
  readonly packages: readonly CargoPackage[];
  /** Ids of the packages that cargo builds when none is named. */
  readonly defaultMembers: readonly string[];
}

export interface CargoPackage {
  readonly id: string;
  readonly name: string;
  readonly manifest: string;
  readonly defaultRun: string | null;
  readonly bins: readonly string[];
  readonly examples: readonly string[];
  /** Its library, when that is a shared one for other languages. */
  readonly cdylibs: readonly string[];
  /** Folders of the packages on disk that its library or programs depend on, and of those that its build script does. */
  readonly localDependencies: readonly { readonly folder: string; readonly ofBuildScript: boolean }[];
}

/** The fields of cargo's JSON that are read. */
interface Metadata {
  readonly workspace_root: string;
  readonly target_directory: string;
  readonly workspace_default_members?: readonly string[];
  readonly workspace_members: readonly string[];
  readonly packages: readonly {
    readonly id: string;
    readonly name: string;
    readonly manifest_path: string;
    readonly default_run: string | null;
    readonly targets: readonly { readonly kind: readonly string[]; readonly name: string }[];
    readonly dependencies: readonly { readonly kind: 'dev' | 'build' | null; readonly path?: string }[];
  }[];
}

/** Since cargo 1.77 the id of a package is what `--package` and the messages of a build name it by, too. */
const SPECIFICATION = /^[a-z]+\+[a-z+]+:\/\//;

/** @throws Refusal when cargo is missing, too old, or cannot read the workspace */
export async function readWorkspace(
  request: CaptureRequest,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Workspace> {
  const { toolchain, shared, targetDir } = sharedArguments(request.cargoArgs ?? []);
  const manifest = request.manifestPath === undefined ? [] : ['--manifest-path', request.manifestPath];
  const args = [...toolchain, 'metadata', '--format-version', '1', '--no-deps', ...manifest, ...shared];
  const end = await runCargo(args, { cwd: request.cwd, env, stderr: 'pipe', signal });
  if (end.code !== 0) {
    throw new Refusal([
      {
        code: 'build-failed',
        subject: request.manifestPath ?? request.cwd,
        message: `cargo cannot read the workspace: ${end.stderr.trim()}`,
        remedy: 'Correct what cargo says and start again.',
      },
    ]);
  }
  const metadata = JSON.parse(end.stdout) as Metadata;
  if (metadata.packages.some(({ id }) => !SPECIFICATION.test(id))) throw outdatedCargo();
  return {
    root: metadata.workspace_root,
    targetDir: targetDir ?? metadata.target_directory,
    packages: metadata.packages.map((found) => ({
      id: found.id,
      name: found.name,
      manifest: found.manifest_path,
      defaultRun: found.default_run,
      bins: found.targets.filter(({ kind }) => kind.includes('bin')).map(({ name }) => name),
      cdylibs: found.targets.filter(({ kind }) => kind.includes('cdylib')).map(({ name }) => name),
      examples: found.targets.filter(({ kind }) => kind.includes('example')).map(({ name }) => name),
      localDependencies: found.dependencies.flatMap(({ kind, path: folder }) =>
        folder === undefined || kind === 'dev' ? [] : [{ folder, ofBuildScript: kind === 'build' }],
      ),
    })),
    defaultMembers: metadata.workspace_default_members ?? metadata.workspace_members,
  };
}

function outdatedCargo(): Refusal {
  return new Refusal([
    {
      code: 'outdated-toolchain',
      subject: 'cargo',
      message:
        'The Rust toolchain is older than 1.77, whose cargo names packages in a way that is not understood.',
      remedy: 'Use a newer one: `rustup update`, or `rustup override set stable` in the workspace.',
    },
  ]);
}

/** Of the arguments for `cargo build`, those that also decide what `cargo metadata` sees. */
function sharedArguments(cargoArgs: readonly string[]): {
  readonly toolchain: readonly string[];
  readonly shared: readonly string[];
  readonly targetDir: string | undefined;
} {
  const shared: string[] = [];
  let targetDir: string | undefined;
  for (const [index, arg] of cargoArgs.entries()) {
    const next = cargoArgs[index + 1] ?? '';
    if (/^--(offline|locked|frozen)$|^--config=|^-Z./.test(arg)) shared.push(arg);
    else if (arg === '--config' || arg === '-Z') shared.push(arg, next);
    else if (arg === '--target-dir') targetDir = next;
    else if (arg.startsWith('--target-dir=')) targetDir = arg.slice('--target-dir='.length);
  }
  return { toolchain: cargoArgs.filter((arg) => arg.startsWith('+')), shared, targetDir };
}
