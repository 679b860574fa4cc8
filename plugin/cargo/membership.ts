import path from 'node:path';
import { Minimatch } from 'minimatch';
import { sameItems } from '../same-items';
import { isBelow } from './is-below';
import { type Manifest, stringsAt } from './manifest';
import { pathDependencies } from './path-dependencies';

/** The manifests of one Cargo workspace, as far as the manifests themselves tell. */
export interface Membership {
  readonly root: Manifest;
  /** Those that define a package, sorted by folder; the root among them unless it is virtual. */
  readonly members: readonly Manifest[];
}

/**
 * Sorts manifests into Cargo workspaces by cargo's own rules:
 * - members are what `members` matches, and path dependencies (of members, too) below the root's folder;
 * - `exclude` takes folders out, but for those that `members` names without a wildcard;
 * - the root of another workspace is never a member;
 * - a package with no workspace above it is a workspace of one;
 * - a package below a workspace that neither lists nor excludes it belongs to nobody: cargo refuses to build it
 *   ("current package believes it's in a workspace when it's not"), which is how test data tends to lie around.
 *   It is left out.
 */
export function memberships(manifests: readonly Manifest[]): readonly Membership[] {
  if (!sameItems(last.manifests, manifests)) last = { manifests, workspaces: sort(manifests) };
  return last.workspaces;
}

/**
 * What was sorted last: `readManifests` gives the same objects for the same texts, and the graph is asked for twice each
 * time, for nodes and for dependencies.
 */
let last: { readonly manifests: readonly Manifest[]; readonly workspaces: readonly Membership[] } = {
  manifests: [],
  workspaces: [],
};

function sort(manifests: readonly Manifest[]): readonly Membership[] {
  const byFolder = new Map(manifests.map((manifest) => [manifest.folder, manifest]));
  const roots = manifests.filter((manifest) => manifest.workspace !== undefined);
  const workspaces = roots.map((root) => ({ root, members: membersOf(root, byFolder) }));
  const taken = new Set(workspaces.flatMap(({ members }) => members.map((member) => member.folder)));
  const alone = manifests
    .filter((manifest) => manifest.name !== undefined && !taken.has(manifest.folder))
    .filter(
      (manifest) => manifest.workspace === undefined && !roots.some((root) => claims(root, manifest.folder)),
    )
    .map((root) => ({ root, members: [root] }));
  return [...workspaces, ...alone];
}

function membersOf(root: Manifest, byFolder: ReadonlyMap<string, Manifest>): readonly Manifest[] {
  // Compiled once: a workspace may list a hundred members, each to be compared with every manifest.
  const patterns = stringsAt(root.workspace, 'members').map(
    (pattern) => new Minimatch(normal(pattern), { dot: true }),
  );
  const members = new Map<string, Manifest>();
  const add = (manifest: Manifest | undefined): void => {
    if (manifest?.name === undefined || members.has(manifest.folder)) return;
    if (manifest !== root && (manifest.workspace !== undefined || isExcluded(root, manifest.folder))) return;
    members.set(manifest.folder, manifest);
    for (const folder of pathDependencies(manifest, root)) {
      if (isBelow(folder, root.folder)) add(byFolder.get(folder));
    }
  };
  add(root);
  // Matching is the dearest part, and hardly any workspace has a member beside it.
  const inside = !stringsAt(root.workspace, 'members').some((pattern) => normal(pattern).startsWith('..'));
  for (const [folder, manifest] of byFolder) {
    if (inside && !isBelow(folder, root.folder)) continue;
    const relative = path.posix.relative(root.folder, folder);
    if (patterns.some((pattern) => pattern.match(relative))) add(manifest);
  }
  return [...members.values()].sort((a, b) => (a.folder < b.folder ? -1 : 1));
}

/** True when cargo, walking up from `folder`, would stop at `root`. */
export function claims(root: Manifest, folder: string): boolean {
  return isBelow(folder, root.folder) && !isExcluded(root, folder);
}

function isExcluded(root: Manifest, folder: string): boolean {
  const named = (key: string) =>
    stringsAt(root.workspace, key).some((entry) => isBelow(folder, path.posix.join(root.folder, entry)));
  return named('exclude') && !named('members');
}

function normal(pattern: string): string {
  const plain = path.posix.normalize(pattern).replace(/\/$/, '');
  return plain === '.' ? '' : plain;
}
