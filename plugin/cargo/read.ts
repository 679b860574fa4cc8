import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { logger } from '@nx/devkit';
import { MetadataCache } from './cache';
import { inferPackage } from './infer';
import { type Manifest, parseManifest } from './manifest';
import { type Membership, memberships } from './membership';
import { CargoMissingError, cargoMetadata } from './metadata';
import type { CargoPackage, CargoWorkspace } from './package';
import { programFiles } from './program-files';

/** What was read, and the manifests that are not TOML. */
export interface CargoReading {
  readonly workspaces: readonly CargoWorkspace[];
  readonly errors: readonly (readonly [manifest: string, error: Error])[];
}

/** Workspaces that cargo refused, by key: it is not asked again before something changes. */
const refused = new Set<string>();
const warned = new Set<string>();

/**
 * Reads the Cargo workspaces among the given manifests. Cargo runs only for those whose manifests, lock file,
 * toolchain file or set of program files changed since it was last asked; a save of a .rs file is none of these.
 *
 * @param files Cargo.toml files, relative to `nxRoot`
 */
export async function readCargoWorkspaces(nxRoot: string, files: readonly string[]): Promise<CargoReading> {
  const texts = new Map<string, string>();
  const errors: [string, Error][] = [];
  const manifests: Manifest[] = [];
  for (const file of [...files].filter((file) => !isBuildOutput(nxRoot, file)).sort()) {
    const folder = path.posix.dirname(file);
    try {
      const text = readFileSync(path.join(nxRoot, file), 'utf8');
      manifests.push(parseManifest(folder, text));
      texts.set(folder, text);
    } catch (error) {
      errors.push([file, manifestError(file, error)]);
    }
  }
  const cache = new MetadataCache(nxRoot);
  const known = new Set(manifests.map((manifest) => manifest.folder));
  const workspaces = await inTurns(memberships(manifests), async (membership) => {
    const { packages } = await readWorkspace(membership, texts, nxRoot, cache);
    // Cargo also names members outside of the Nx root, and those that the user left out.
    return { folder: membership.root.folder, packages: packages.filter(({ folder }) => known.has(folder)) };
  });
  cache.save();
  return { workspaces: onceEach(workspaces), errors };
}

async function readWorkspace(
  membership: Membership,
  texts: ReadonlyMap<string, string>,
  nxRoot: string,
  cache: MetadataCache,
): Promise<{ readonly packages: readonly CargoPackage[] }> {
  const { root, members } = membership;
  const programs = members.map((member) => programFiles(path.join(nxRoot, member.folder)));
  const key = digest(membership, texts, programs, nxRoot);
  const cached = cache.get(root.folder, key);
  if (cached !== undefined) return { packages: cached };
  if (!refused.has(key)) {
    try {
      const packages = await cargoMetadata(path.join(nxRoot, root.folder, 'Cargo.toml'), nxRoot);
      cache.set(root.folder, key, packages);
      return { packages };
    } catch (error) {
      refused.add(key);
      warnOnce(fallbackReason(root.folder, error));
    }
  }
  return { packages: members.map((member, at) => inferPackage(member, root, programs[at] ?? [])) };
}

/** Digest of all that the answer of cargo depends on. */
function digest(
  { root, members }: Membership,
  texts: ReadonlyMap<string, string>,
  programs: readonly (readonly string[])[],
  nxRoot: string,
): string {
  const hash = createHash('sha256');
  const add = (name: string, text: string) => hash.update(`${name}\0${text.length}\0${text}\0`);
  add('root', `${root.folder}\0${texts.get(root.folder) ?? ''}`);
  members.forEach((member, at) => {
    add(member.folder, texts.get(member.folder) ?? '');
    add('programs', (programs[at] ?? []).join('\0'));
  });
  for (const name of ['Cargo.lock', 'rust-toolchain', 'rust-toolchain.toml']) {
    const file = path.join(nxRoot, root.folder, name);
    if (existsSync(file)) add(name, readFileSync(file, 'utf8'));
  }
  return hash.digest('hex');
}

/**
 * True for manifests that a build or a package manager made. Nx leaves out what git ignores; this is for workspaces
 * that forgot to ignore it. Cargo marks its target folder with CACHEDIR.TAG, so that a crate may be called `target`.
 */
function isBuildOutput(nxRoot: string, file: string): boolean {
  const folders = file.split('/').slice(0, -1);
  return folders.some(
    (name, depth) =>
      name === 'node_modules' ||
      (name === 'target' && existsSync(path.join(nxRoot, ...folders.slice(0, depth + 1), 'CACHEDIR.TAG'))),
  );
}

/** A package of a Cargo workspace whose root lies above the Nx root is named once by every package beside it. */
function onceEach(workspaces: readonly CargoWorkspace[]): readonly CargoWorkspace[] {
  const seen = new Set<string>();
  return workspaces.map(({ folder, packages }) => ({
    folder,
    packages: packages.filter((pkg) => !seen.has(pkg.folder) && seen.add(pkg.folder)),
  }));
}

/** Runs as many at a time as there are cores: each may be a cargo. Results in the order of the input. */
async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = [...items.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      results[next[0]] = await work(next[1]);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return results;
}

function fallbackReason(folder: string, error: unknown): string {
  if (error instanceof CargoMissingError) {
    return 'There is no cargo on the PATH, so projects are read from Cargo.toml alone: install Rust from https://rustup.rs.';
  }
  const cause = error instanceof Error ? error.message : String(error);
  const where = folder === '.' ? 'Cargo.toml' : `${folder}/Cargo.toml`;
  return `Cargo does not accept ${where}, so its projects are read from Cargo.toml alone: ${cause}`;
}

/** The daemon builds the graph again and again: once is enough. */
function warnOnce(message: string): void {
  if (warned.has(message)) return;
  warned.add(message);
  logger.warn(`nx-hotpatch: ${message}`);
}

function manifestError(file: string, error: unknown): Error {
  const cause = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
  return new Error(`${file} cannot be read: ${cause}`, { cause: error });
}
