import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { TomlError } from 'smol-toml';
import { type Manifest, parseManifest } from './manifest';

/** The manifests of an Nx workspace, each with its text, and those that are not TOML. */
export interface ManifestReading {
  /** Sorted by folder. */
  readonly manifests: readonly Manifest[];
  /** By the manifest's folder. */
  readonly texts: ReadonlyMap<string, string>;
  readonly errors: readonly (readonly [file: string, error: Error])[];
}

/**
 * Manifests as they were read last, by absolute path: one process builds the graph on every save, and asks for nodes
 * and then for dependencies, while the manifests hardly ever change. The text decides; a time stamp can miss an edit.
 */
const parsed = new Map<string, { readonly text: string; readonly manifest: Manifest }>();

/** @param files Cargo.toml files, relative to `nxRoot`; those that a build made are passed over */
export function readManifests(nxRoot: string, files: readonly string[]): ManifestReading {
  const manifests: Manifest[] = [];
  const texts = new Map<string, string>();
  const errors: [string, Error][] = [];
  for (const file of files.filter((file) => !isBuildOutput(nxRoot, file)).sort()) {
    const folder = path.posix.dirname(file);
    try {
      const absolute = path.join(nxRoot, file);
      const text = readFileSync(absolute, 'utf8');
      let known = parsed.get(absolute);
      if (known?.text !== text) {
        known = { text, manifest: parseManifest(folder, text) };
        parsed.set(absolute, known);
      }
      manifests.push(known.manifest);
      texts.set(folder, text);
    } catch (error) {
      errors.push([file, manifestError(file, error)]);
    }
  }
  return { manifests, texts, errors };
}

/**
 * True for manifests that a build or a package manager made. Nx leaves out what git ignores; this is for workspaces
 * that forgot to ignore it. Cargo marks its target folder with CACHEDIR.TAG, so that a crate may be called `target`.
 */
function isBuildOutput(nxRoot: string, file: string): boolean {
  const folders = file.split('/').slice(0, -1);
  const isTarget = (depth: number) =>
    existsSync(path.join(nxRoot, ...folders.slice(0, depth + 1), 'CACHEDIR.TAG'));
  return folders.some((name, depth) => name === 'node_modules' || (name === 'target' && isTarget(depth)));
}

/** smol-toml's errors know the place, and draw it below the first line. */
function manifestError(file: string, error: unknown): Error {
  const cause = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
  const place = error instanceof TomlError ? `${file}:${error.line}:${error.column}` : file;
  return new Error(`${place} cannot be read: ${cause}`, { cause: error });
}
