import path from 'node:path';
import type { CaptureRequest } from '../artifacts';
import type { Executable } from './executable';

/** What cargo said while it built, one entry a unit, fresh ones too. */
export interface CargoBuild {
  readonly artifacts: readonly CargoArtifact[];
  /** Folders in which build scripts ran: `output` in them is what the script printed. */
  readonly buildScriptRuns: readonly { readonly package: string; readonly folder: string }[];
}

export interface CargoArtifact {
  readonly package: string;
  /** Absolute path of its `Cargo.toml`. */
  readonly manifest: string;
  /** A package of the file system rather than of a registry or git. */
  readonly local: boolean;
  readonly name: string;
  readonly kind: readonly string[];
  readonly files: readonly string[];
  readonly executable: string | null;
  /** Made with `--test`: it runs the tests that stand in it. */
  readonly test: boolean;
}

type Message =
  | {
      readonly reason: 'compiler-artifact';
      readonly package_id: string;
      readonly manifest_path: string;
      readonly target: { readonly name: string; readonly kind: readonly string[] };
      readonly filenames: readonly string[];
      readonly executable: string | null;
      readonly profile: { readonly test: boolean };
    }
  | { readonly reason: 'build-script-executed'; readonly package_id: string; readonly out_dir: string }
  | { readonly reason: 'build-finished' | 'compiler-message' };

/** The command line of the one cargo run. `json-render-diagnostics`: JSON for us, rustc's text for the terminal. */
export function cargoBuildArguments(request: CaptureRequest, executable: Executable): readonly string[] {
  const { kind, name } = executable;
  return cargoArguments(request, executable.package.id, kind === 'cdylib' ? ['--lib'] : [`--${kind}`, name]);
}

/** All test programs of a package that compile, as `cargo test` builds them: that one has no option to keep going. */
export function cargoTestArguments(request: CaptureRequest, packageId: string): readonly string[] {
  const profile = request.release || request.profile !== undefined ? [] : ['--profile', 'test'];
  return cargoArguments(request, packageId, ['--tests', '--keep-going', ...profile]);
}

function cargoArguments(
  request: CaptureRequest,
  packageId: string,
  targets: readonly string[],
): readonly string[] {
  const given = request.cargoArgs ?? [];
  return [
    ...given.filter((arg) => arg.startsWith('+')),
    'build',
    '--message-format=json-render-diagnostics',
    ...(request.manifestPath === undefined ? [] : ['--manifest-path', request.manifestPath]),
    '--package',
    packageId,
    ...targets,
    ...(request.features?.length ? ['--features', request.features.join(',')] : []),
    ...(request.allFeatures ? ['--all-features'] : []),
    ...(request.noDefaultFeatures ? ['--no-default-features'] : []),
    ...(request.release ? ['--release'] : []),
    ...(request.profile === undefined ? [] : ['--profile', request.profile]),
    ...given.filter((arg) => !arg.startsWith('+')),
  ];
}

/** Cargo's name of the profile that a request asks for. */
export function profileOf({ profile, release }: Pick<CaptureRequest, 'profile' | 'release'>): string {
  return release ? 'release' : (profile ?? 'dev');
}

export function readCargoMessages(stdout: string): CargoBuild {
  const messages = stdout.split('\n').flatMap((line) => (line.startsWith('{') ? readMessage(line) : []));
  const artifacts = messages.filter((message) => message.reason === 'compiler-artifact');
  return {
    artifacts: artifacts.map(({ package_id, manifest_path, target, filenames, executable, profile }) => ({
      package: package_id,
      manifest: manifest_path,
      local: package_id.startsWith('path+'),
      name: target.name,
      kind: target.kind,
      files: filenames,
      executable,
      test: profile.test,
    })),
    buildScriptRuns: messages
      .filter((message) => message.reason === 'build-script-executed')
      .map(({ package_id, out_dir }) => ({ package: package_id, folder: path.dirname(out_dir) })),
  };
}

/** Lines of another shape come from build tools that write to cargo's output. */
function readMessage(line: string): Message | [] {
  try {
    return JSON.parse(line) as Message;
  } catch {
    return [];
  }
}
