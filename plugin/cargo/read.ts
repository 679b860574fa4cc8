import { availableParallelism } from 'node:os';
import path from 'node:path';
import { answerKey } from './answer-key';
import { MetadataCache, type WorkspaceLayout } from './cache';
import { readManifestTexts } from './manifest-texts';
import type { CargoAnswer } from './metadata';
import { outerTexts } from './outer-texts';
import type { CargoWorkspace } from './package';
import { programFiles } from './program-files';
import { WorkspaceLayouts } from './workspace-layouts';

/** What was read, and the manifests that are not TOML. */
export interface CargoReading {
  readonly workspaces: readonly CargoWorkspace[];
  readonly errors: readonly (readonly [manifest: string, error: Error])[];
}

/** What asks cargo is hardly ever needed, and takes as long to load as a reading without it. */
const asking = (): typeof import('./ask') => require('./ask');

/** Workspaces that cargo refused, by key: it is not asked again before something changes. */
const refused = new Set<string>();
const warned = new Set<string>();

/**
 * Reads the Cargo workspaces among the given manifests. Cargo runs only for those of which something changed that its
 * answer depends on since it was last asked; a save of a .rs file is no such thing. Where cargo has no answer, the
 * manifests alone give one.
 *
 * @param files      Cargo.toml files, relative to `nxRoot`
 * @param programsOf `programFiles` of the package in a folder, relative to `nxRoot`
 */
export async function readCargoWorkspaces(
  nxRoot: string,
  files: readonly string[],
  programsOf = (folder: string) => programFiles(path.join(nxRoot, folder)),
): Promise<CargoReading> {
  const { texts, errors: unreadable } = readManifestTexts(nxRoot, files);
  const cache = new MetadataCache(nxRoot);
  const layouts = new WorkspaceLayouts(nxRoot, texts, cache);
  const errors = [...unreadable, ...layouts.errors];
  const outer = outerTexts(nxRoot);
  // A broken manifest is an error of its own; cargo's opinion of the workspace around it would only repeat it.
  const warn = errors.length === 0 ? warnOnce : async () => {};

  const answer = async (layout: WorkspaceLayout): Promise<CargoAnswer> => {
    const { folder, members } = layout;
    const programs = members.map((member) => programsOf(member));
    const key = answerKey(layout, texts, programs, nxRoot, outer);
    const cached = cache.answer(folder, key);
    if (cached !== undefined) return cached;
    const { askCargo, inferAnswer } = asking();
    const membership = layouts.membership(folder);
    if (!refused.has(key)) {
      const found = await askCargo(membership, nxRoot, warn);
      if (found !== undefined) {
        cache.setAnswer(folder, key, found);
        return found;
      }
      refused.add(key);
    }
    return inferAnswer(membership, programs);
  };

  const seen = new Set<string>();
  const workspaces = (await inTurns(layouts.all, answer)).map(({ item, result }) => ({
    ...result,
    folder: item.folder,
    profiles: item.profiles,
    // Cargo also names members outside of the Nx root, and those that the user left out. Packages whose workspace
    // has its root above the Nx root are each asked for alone, and each answer names all of them.
    packages: result.packages.filter(
      ({ folder }) => layouts.has(folder) && !seen.has(folder) && seen.add(folder),
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

/** The daemon builds the graph again and again: once is enough. */
async function warnOnce(message: string): Promise<void> {
  if (warned.has(message)) return;
  warned.add(message);
  const { logger } = await import('@nx/devkit');
  logger.warn(`nx-hotpatch: ${message}`);
}
