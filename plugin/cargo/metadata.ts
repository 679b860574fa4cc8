import path from 'node:path';
import type { CargoPackage, CargoProgram } from './package';

/** The part that is read of what `cargo metadata --format-version 1 --no-deps` prints. */
interface Metadata {
  readonly packages: readonly {
    readonly name: string;
    readonly description: string | null;
    readonly manifest_path: string;
    readonly default_run: string | null;
    readonly targets: readonly {
      readonly name: string;
      readonly kind: readonly string[];
      readonly crate_types: readonly string[];
      readonly 'required-features'?: readonly string[];
    }[];
    readonly dependencies: readonly { readonly path?: string }[];
  }[];
}

/**
 * Asks cargo for the packages of a workspace. `--no-deps` resolves nothing, so the network, the registry and the lock
 * file stay untouched.
 *
 * @param manifest absolute path of the Cargo.toml of the workspace
 * @param nxRoot   absolute path to which the folders of the answer are relative
 * @throws Error with the first line of what cargo said
 */
export async function cargoMetadata(manifest: string, nxRoot: string): Promise<readonly CargoPackage[]> {
  const { execa } = await import('execa');
  const args = ['metadata', '--format-version', '1', '--no-deps', '--offline', '--quiet'];
  const { stdout, stderr, code, failed } = await execa('cargo', [...args, '--manifest-path', manifest], {
    // rustup reads rust-toolchain.toml and .cargo/config.toml from here.
    cwd: path.dirname(manifest),
    // A graph must not install a toolchain on the way.
    env: { RUSTUP_AUTO_INSTALL: '0', CARGO_TERM_COLOR: 'never' },
    reject: false,
    stdin: 'ignore',
  });
  if (code === 'ENOENT') throw new CargoMissingError();
  if (failed) throw new Error(firstSentence(stderr) ?? 'it gave no reason');
  return readMetadata(JSON.parse(stdout) as Metadata, nxRoot);
}

/** There is no `cargo` on the PATH. */
export class CargoMissingError extends Error {}

/** The packages of recorded output of cargo. */
export function readMetadata(metadata: Metadata, nxRoot: string): readonly CargoPackage[] {
  const relative = (folder: string) => path.relative(nxRoot, folder).split(path.sep).join('/') || '.';
  return metadata.packages.map(({ name, description, manifest_path, default_run, targets, dependencies }) => {
    const folder = relative(path.dirname(manifest_path));
    const programs = (kind: string): readonly CargoProgram[] =>
      targets
        .filter((target) => target.kind.includes(kind) && target.crate_types.includes('bin'))
        .map((target) => ({ name: target.name, requiredFeatures: target['required-features'] ?? [] }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    const paths = dependencies.flatMap((dependency) => dependency.path ?? []).map(relative);
    return {
      name,
      folder,
      ...(description === null ? {} : { description }),
      bins: programs('bin'),
      examples: programs('example'),
      ...(default_run === null ? {} : { defaultRun: default_run }),
      dependencies: [...new Set(paths)].filter((dependency) => dependency !== folder).sort(),
    };
  });
}

/** Cargo's `error: ...` line with its causes, without the decoration. */
function firstSentence(stderr: string): string | undefined {
  const lines = stderr.split('\n').map((line) => line.trim());
  const start = lines.findIndex((line) => line.startsWith('error'));
  const first = lines[start];
  if (first === undefined) return lines.find((line) => line !== '');
  const causes = lines.slice(start + 1).filter((line) => line !== '' && line !== 'Caused by:');
  return [first.replace(/^error:\s*/, ''), ...causes.slice(0, 1)].join(': ');
}
