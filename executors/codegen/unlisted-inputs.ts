import path from 'node:path';
import type { CrateRecord } from '../pipeline/artifacts';

/** What Nx hashes as the sources of a project, as far as it is spelled out. */
export interface ListedInputs {
  /** Absolute folder of the Nx workspace. */
  readonly root: string;
  /** Folders of the project, and of projects inside of it, relative to the root. */
  readonly folder: string;
  readonly nested: readonly string[];
  /** The project's named input. */
  readonly inputs: readonly unknown[];
  /** Absolute; generated sources lie below it. */
  readonly targetDir: string;
}

/** Set by cargo itself, from the manifest or the build. */
const OF_CARGO = /^(CARGO|OUT_DIR$|TARGET$|HOST$|PROFILE$)/;

/**
 * What rustc read for a package's crates and Nx does not hash: files relative to the root (absolute when they lie outside
 * of it), and variables that no build script set. A macro can put together such a name, where no scan finds it.
 */
export function unlistedInputs(
  crates: readonly CrateRecord[],
  { root, folder, nested, inputs, targetDir }: ListedInputs,
): readonly string[] {
  const listed = new Set(
    inputs.map((input) =>
      typeof input === 'string'
        ? input.replace('{workspaceRoot}/', '')
        : ((input as { env?: string }).env ?? ''),
    ),
  );
  const lies = (file: string, within: string) => within === '.' || file.startsWith(`${within}/`);
  const files = crates
    .flatMap(({ sources }) => sources)
    .filter((file) => path.relative(targetDir, file).startsWith('..'))
    .map((file) => {
      const relative = path.relative(root, file);
      return relative.startsWith('..') ? file : relative;
    })
    .filter((file) => !lies(file, folder) || nested.some((inner) => lies(file, inner)));
  const variables = crates
    .flatMap(({ envDeps, env }) => envDeps.filter((name) => env[name] === undefined))
    .filter((name) => !OF_CARGO.test(name));
  return [...new Set([...files, ...variables])].filter((name) => !listed.has(name)).sort();
}
