import path from 'node:path';
import { isCompiledBefore, type Listed, packageCompiles } from './compile';
import type { Request } from './compile-key';
import { isBelow } from './is-below';
import type { Table } from './manifest';
import { outerSettings } from './outer-settings';
import type { CargoPackage, CargoProgram } from './package';

/** The part that is read of what `cargo metadata --format-version 1 --no-deps` prints. */
interface Metadata {
  readonly workspace_root: string;
  readonly target_directory: string;
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
    readonly dependencies: readonly Request[];
    readonly features: Readonly<Record<string, readonly string[]>>;
  }[];
}

/** What cargo says of a workspace. `targetDir` is absent when it lies outside of the Nx root. */
export interface CargoAnswer {
  readonly packages: readonly CargoPackage[];
  readonly targetDir?: string;
}

/**
 * Asks cargo for the packages of a workspace. `--no-deps` resolves nothing, so the network, the registry and the lock
 * file stay untouched.
 *
 * @param manifest absolute path of the Cargo.toml of the workspace
 * @param root     that Cargo.toml
 * @param nxRoot   absolute path to which the folders of the answer are relative
 * @throws Error with the first line of what cargo said
 */
export async function cargoMetadata(manifest: string, root: Table, nxRoot: string): Promise<CargoAnswer> {
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
  return readMetadata(JSON.parse(stdout) as Metadata, root, nxRoot);
}

/** There is no `cargo` on the PATH. */
export class CargoMissingError extends Error {}

/** The packages of recorded output of cargo. */
export function readMetadata(metadata: Metadata, root: Table, nxRoot: string): CargoAnswer {
  const relative = (folder: string) => path.relative(nxRoot, folder).split(path.sep).join('/') || '.';
  const paths = (dependencies: readonly Request[], self: string) =>
    [...new Set(dependencies.flatMap(({ path: found }) => (found === undefined ? [] : relative(found))))]
      .filter((dependency) => dependency !== self)
      .sort();
  const listed = metadata.packages.map((found): Listed => {
    const folder = relative(path.dirname(found.manifest_path));
    const needs = paths(found.dependencies.filter(isCompiledBefore), folder);
    const hasExample = found.targets.some((target) => target.kind.includes('example') && isProgram(target));
    const exampleNeeds = hasExample ? paths(found.dependencies, folder) : [];
    return {
      ...found,
      folder,
      needs,
      exampleNeeds,
      isProgram: found.targets.some((target) => isProgram(target) || isSharedLibrary(target)),
    };
  });
  const compiles = packageCompiles(listed, metadata.workspace_root, root, outerSettings(nxRoot));
  const packages = metadata.packages.map((found): CargoPackage => {
    const { name, description, manifest_path, default_run, targets, dependencies } = found;
    const folder = relative(path.dirname(manifest_path));
    const compile = compiles.get(folder);
    const cdylib = targets.find(isSharedLibrary);
    const programs = (kind: string): readonly CargoProgram[] =>
      targets
        .filter((target) => target.kind.includes(kind) && isProgram(target))
        .map((target) => ({ name: target.name, requiredFeatures: target['required-features'] ?? [] }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    return {
      name,
      folder,
      ...(description === null ? {} : { description }),
      bins: programs('bin'),
      examples: programs('example'),
      ...(cdylib === undefined ? {} : { cdylib: cdylib.name }),
      ...(default_run === null ? {} : { defaultRun: default_run }),
      dependencies: paths(dependencies, folder),
      ...(compile === undefined ? {} : { compile }),
    };
  });
  const targetDir = relative(metadata.target_directory);
  return { packages, ...(isBelow(targetDir, '.') ? { targetDir } : {}) };
}

/** A binary or an example that runs: an example can be a library, which does not. */
function isProgram({ kind, crate_types }: Metadata['packages'][number]['targets'][number]): boolean {
  return (kind.includes('bin') || kind.includes('example')) && crate_types.includes('bin');
}

/** It is what is built where its package has no programs. */
function isSharedLibrary({ kind }: Metadata['packages'][number]['targets'][number]): boolean {
  return kind.includes('cdylib');
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
