import path from 'node:path';
import { TomlError } from 'smol-toml';
import { type Manifest, parseManifest } from './manifest';
import { manifestError } from './manifest-texts';
import { type Membership, memberships } from './membership';

/** What the manifests themselves tell, and those that are not TOML. */
export interface ParsedManifests {
  readonly workspaces: readonly Membership[];
  readonly errors: readonly (readonly [file: string, error: Error])[];
}

/**
 * Manifests as they were read last, by absolute path: one process builds the graph on every save, and hardly ever has more
 * than one of them changed.
 */
const parsed = new Map<string, { readonly text: string; readonly manifest: Manifest }>();

/** @param texts by the manifest's folder */
export function parseManifests(nxRoot: string, texts: ReadonlyMap<string, string>): ParsedManifests {
  const manifests: Manifest[] = [];
  const errors: [string, Error][] = [];
  for (const [folder, text] of texts) {
    const file = path.posix.join(folder, 'Cargo.toml');
    const absolute = path.join(nxRoot, file);
    try {
      let known = parsed.get(absolute);
      if (known?.text !== text) {
        known = { text, manifest: parseManifest(folder, text) };
        parsed.set(absolute, known);
      }
      manifests.push(known.manifest);
    } catch (error) {
      const place = error instanceof TomlError ? `${file}:${error.line}:${error.column}` : file;
      errors.push([file, manifestError(place, error)]);
    }
  }
  return { workspaces: memberships(manifests), errors };
}
