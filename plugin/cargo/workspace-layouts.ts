import path from 'node:path';
import type { MetadataCache, WorkspaceLayout } from './cache';
import { manifestsKey } from './manifest-texts';
import type { Membership } from './membership';
import type { ParsedManifests } from './parsed-manifests';

/** Parsing needs libraries for TOML and globs; what was parsed before is known by the texts' digest. */
const parsing = (): typeof import('./parsed-manifests') => require('./parsed-manifests');
const naming = (): typeof import('./profiles') => require('./profiles');

/** How the manifests of an Nx workspace make up Cargo workspaces. Nothing is parsed that was parsed before, by any process. */
export class WorkspaceLayouts {
  readonly all: readonly WorkspaceLayout[];
  /** Manifests that are not TOML. */
  readonly errors: ParsedManifests['errors'];
  #parsed: ParsedManifests | undefined;

  /** @param texts of the manifests, by folder */
  constructor(
    private readonly nxRoot: string,
    private readonly texts: ReadonlyMap<string, string>,
    cache: MetadataCache,
  ) {
    const key = manifestsKey(texts);
    const known = cache.layout(key);
    this.all = known ?? this.#parse().workspaces.map(layoutOf);
    this.errors = this.#parsed?.errors ?? [];
    // Errors are told every time.
    if (known === undefined && this.errors.length === 0) cache.setLayout(key, this.all);
  }

  /** Whether a folder has a manifest, and one that can be read. */
  has(folder: string): boolean {
    return (
      this.texts.has(folder) && !this.errors.some(([file]) => file === path.posix.join(folder, 'Cargo.toml'))
    );
  }

  /** The manifests of the Cargo workspace in a folder. */
  membership(folder: string): Membership {
    const found = this.#parse().workspaces.find(({ root }) => root.folder === folder);
    if (found === undefined)
      throw new Error(`${path.posix.join(folder, 'Cargo.toml')} is the root of no Cargo workspace.`);
    return found;
  }

  #parse(): ParsedManifests {
    this.#parsed ??= parsing().parseManifests(this.nxRoot, this.texts);
    return this.#parsed;
  }
}

function layoutOf({ root, members }: Membership): WorkspaceLayout {
  return {
    folder: root.folder,
    members: members.map(({ folder }) => folder),
    profiles: naming().programProfiles(root.table),
  };
}
