import path from 'node:path';
import type { Tree } from '@nx/devkit';
import type { Manifest } from '../../cargo/manifest';
import { claims, memberships } from '../../cargo/membership';
import { manifestsInTree } from '../manifests-in-tree';
import { addMember } from './add-member';

/**
 * Sees to it that cargo accepts the package that was just written to `folder`: it joins the Cargo workspace around it,
 * by name where no pattern of the workspace covers it yet; where there is no Cargo workspace at all, one is made at the
 * root.
 *
 * @throws Error when the manifest of the workspace cannot be extended: it says what to write into it
 */
export async function cargoHome(tree: Tree, folder: string): Promise<void> {
  const manifests = await manifestsInTree(tree);
  const root = workspaceAround(manifests, folder);
  if (root === undefined) {
    // Packages that stand alone, or a Cargo workspace that leaves this folder out: it stands alone too.
    if (manifests.some((manifest) => manifest.folder !== folder)) return;
    tree.write('Cargo.toml', `[workspace]\nresolver = "3"\nmembers = ["${folder}"]\n`);
    return;
  }
  if (isMember(manifests, root, folder)) return;
  const file = path.posix.join(root.folder, 'Cargo.toml');
  const member = path.posix.relative(root.folder, folder);
  const extended = addMember(tree.read(file, 'utf8') ?? '', member);
  if (extended !== undefined) tree.write(file, extended);
  if (extended === undefined || !isMember(await manifestsInTree(tree), root, folder)) {
    throw new Error(
      `${folder} cannot be added to the Cargo workspace of ${file}.\nAdd "${member}" to its \`members\` first.`,
    );
  }
}

/** The workspace that cargo finds when it walks up from `folder`. */
function workspaceAround(manifests: readonly Manifest[], folder: string): Manifest | undefined {
  return manifests
    .filter((manifest) => manifest.workspace !== undefined && claims(manifest, folder))
    .sort((a, b) => b.folder.length - a.folder.length)[0];
}

function isMember(manifests: readonly Manifest[], root: Manifest, folder: string): boolean {
  return memberships(manifests).some(
    (workspace) =>
      workspace.root.folder === root.folder && workspace.members.some((member) => member.folder === folder),
  );
}
