import { availableParallelism } from 'node:os';
import path from 'node:path';
import { answerKey } from './answer-key';
import { MetadataCache } from './cache';
import { inferPackage } from './infer';
import { type Membership, memberships } from './membership';
import { type CargoAnswer, CargoMissingError, cargoMetadata } from './metadata';
import type { CargoWorkspace } from './package';
import { programProfiles } from './profiles';
import { programFiles } from './program-files';
import { readManifests } from './read-manifests';

/** What was read, and the manifests that are not TOML. */
export interface CargoReading {
  readonly workspaces: readonly CargoWorkspace[];
  readonly errors: readonly (readonly [manifest: string, error: Error])[];
}

/** Workspaces that cargo refused, by key: it is not asked again before something changes. */
const refused = new Set<string>();
const warned = new Set<string>();

/**
 * Reads the Cargo workspaces among the given manifests. Cargo runs only for those of which something changed that its
 * answer depends on since it was last asked; a save of a .rs file is no such thing. Where cargo has no answer, the
 * manifests alone give one.
 *
 * @param files Cargo.toml files, relative to `nxRoot`
 */
export async function readCargoWorkspaces(nxRoot: string, files: readonly string[]): Promise<CargoReading> {
  const { manifests, texts, errors } = readManifests(nxRoot, files);
  const cache = new MetadataCache(nxRoot);
  const known = new Set(manifests.map((manifest) => manifest.folder));
  // A broken manifest is an error of its own; cargo's opinion of the workspace around it would only repeat it.
  const warn = errors.length === 0 ? warnOnce : async () => {};

  const answer = async (membership: Membership): Promise<CargoAnswer> => {
    const { root, members } = membership;
    const programs = members.map((member) => programFiles(path.join(nxRoot, member.folder)));
    const key = answerKey(membership, texts, programs, nxRoot);
    const cached = cache.get(root.folder, key);
    if (cached !== undefined) return cached;
    if (!refused.has(key)) {
      try {
        const found = await cargoMetadata(path.join(nxRoot, root.folder, 'Cargo.toml'), root.table, nxRoot);
        cache.set(root.folder, key, found);
        return found;
      } catch (error) {
        refused.add(key);
        await warn(fallbackReason(root.folder, error));
      }
    }
    return { packages: members.map((member, at) => inferPackage(member, root, programs[at] ?? [])) };
  };

  const seen = new Set<string>();
  const workspaces = (await inTurns(memberships(manifests), answer)).map(({ item, result }) => ({
    ...result,
    folder: item.root.folder,
    profiles: programProfiles(item.root.table),
    // Cargo also names members outside of the Nx root, and those that the user left out. Packages whose workspace
    // has its root above the Nx root are each asked for alone, and each answer names all of them.
    packages: result.packages.filter(
      ({ folder }) => known.has(folder) && !seen.has(folder) && seen.add(folder),
    ),
  }));
  cache.save();
  return { workspaces, errors };
}

/** Runs as many at a time as there are cores: each may be a cargo. Results in the order of the input. */
async function inTurns<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly { readonly item: T; readonly result: R }[]> {
  const results: { item: T; result: R }[] = [];
  const queue = [...items.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [at, item] = next;
      results[at] = { item, result: await work(item) };
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
  const manifest = path.posix.join(folder, 'Cargo.toml');
  return `Cargo does not accept ${manifest}, so its projects are read from Cargo.toml alone: ${cause}`;
}

/** The daemon builds the graph again and again: once is enough. */
async function warnOnce(message: string): Promise<void> {
  if (warned.has(message)) return;
  warned.add(message);
  const { logger } = await import('@nx/devkit');
  logger.warn(`nx-hotpatch: ${message}`);
}
