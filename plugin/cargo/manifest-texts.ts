import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The manifests of an Nx workspace as they stand there, and those that cannot be read. */
export interface ManifestTexts {
  /** By the manifest's folder, relative to the Nx root, sorted by file. */
  readonly texts: ReadonlyMap<string, string>;
  readonly errors: readonly (readonly [file: string, error: Error])[];
}

/** @param files Cargo.toml files, relative to `nxRoot`; those that a build made are passed over */
export function readManifestTexts(nxRoot: string, files: readonly string[]): ManifestTexts {
  const texts = new Map<string, string>();
  const errors: [string, Error][] = [];
  for (const file of files.filter((file) => !isBuildOutput(nxRoot, file)).sort()) {
    try {
      texts.set(path.posix.dirname(file), readFileSync(`${nxRoot}/${file}`, 'utf8'));
    } catch (error) {
      errors.push([file, manifestError(file, error)]);
    }
  }
  return { texts, errors };
}

/** Digest of all of them. The texts decide, not their time stamps: there are few, and the graph hangs on them. */
export function manifestsKey(texts: ReadonlyMap<string, string>): string {
  return createHash('sha256')
    .update(JSON.stringify([...texts]))
    .digest('hex');
}

/** @param place the file, or the file and the place in it */
export function manifestError(place: string, error: unknown): Error {
  // smol-toml draws the place below the first line.
  const cause = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
  return new Error(`${place} cannot be read: ${cause}`, { cause: error });
}

/**
 * True for manifests that a build or a package manager made. Nx leaves out what git ignores; this is for workspaces
 * that forgot to ignore it. Cargo marks its target folder with CACHEDIR.TAG, so that a crate may be called `target`.
 */
function isBuildOutput(nxRoot: string, file: string): boolean {
  // Hardly any has such a word in it, and there are hundreds.
  if (!file.includes('node_modules/') && !file.includes('target/')) return false;
  const folders = file.split('/').slice(0, -1);
  const isTarget = (depth: number) =>
    existsSync(path.join(nxRoot, ...folders.slice(0, depth + 1), 'CACHEDIR.TAG'));
  return folders.some((name, depth) => name === 'node_modules' || (name === 'target' && isTarget(depth)));
}
