import path from 'node:path';
import type { TargetConfiguration } from '@nx/devkit';
import type { CargoPackage } from '../cargo/package';
import type { SourceScan } from './scan';

/** What an input of a target can be. */
export type Input = NonNullable<TargetConfiguration['inputs']>[number];

/** The named input of a project that stands for all that its own crates are made from. */
export const SOURCES = 'hotpatchSources';

/** The named input in which a project.json lists what the plugin does not find. */
export const MORE = 'hotpatchMore';

/**
 * All that the sources of a package are, without those of other packages: every file of its folder, because a macro or a
 * build script may read any of them, and what the sources name elsewhere.
 */
export function sourceInputs({ variables, files, knowsItsPlace }: SourceScan): Input[] {
  return [
    '{projectRoot}/**/*',
    // Of the lock file only the part counts that the package needs: it is in the target's key.
    '!{projectRoot}/Cargo.lock',
    ...files.map((file) => `{workspaceRoot}/${file}`),
    ...variables.map((env) => ({ env })),
    MORE,
    // Compiled code that contains its own path is of no use at another one.
    ...(knowsItsPlace ? [{ runtime: 'pwd' }] : []),
  ];
}

/** The named input of a project that stands for all that every compile depends on besides sources and the target's key. */
export const TOOLS = 'hotpatchTools';

/** What `TOOLS` stands for. */
export function toolInputs(
  workspace: { readonly folder: string; readonly environment: readonly Input[] },
  pkg: Pick<CargoPackage, 'folder'>,
): Input[] {
  const enter = workspace.folder === '.' ? '' : `cd '${workspace.folder.replaceAll("'", "'\\''")}' && `;
  return [
    // In the folder of the Cargo workspace, where rustup finds its toolchain file.
    { runtime: `${enter}rustc -vV` },
    ...foldersAbove(pkg.folder).map(
      (folder) => `{workspaceRoot}/${folder === '.' ? '' : `${folder}/`}.cargo/config*`,
    ),
    ...workspace.environment,
    // npm packages compile nothing here. Without this line any change of package-lock.json would be a miss.
    { externalDependencies: [] },
  ];
}

/**
 * Files of a Cargo workspace that decide what is compiled and belong to no project. Hashes do not take them as a whole: a
 * package's key has what concerns it of the first two, and `rustc -vV` says what the last one comes to.
 */
export function workspaceFiles({ folder }: { readonly folder: string }): readonly string[] {
  const root = path.posix.join('{workspaceRoot}', folder);
  return [`${root}/Cargo.lock`, `${root}/Cargo.toml`, `${root}/rust-toolchain*`];
}

/** @param projects patterns of `projectAt` */
export function sourcesOf(projects: string[]): Input[] {
  return projects.length === 0 ? [] : [{ input: SOURCES, projects }];
}

/** How Nx finds the project in a folder, whatever its project.json calls it. */
export function projectAt(folder: string): string {
  return /[\\*?[\]{}()!+@]/.test(folder)
    ? `directory:${folder.replaceAll(/[\\*?[\]{}()!+@]/g, '\\$&')}`
    : `directory:${folder}`;
}

/** A folder's own, and those above it up to the Nx root: cargo reads the configuration of each. */
function foldersAbove(folder: string): readonly string[] {
  return folder === '.' ? ['.'] : [folder, ...foldersAbove(path.posix.dirname(folder))];
}
