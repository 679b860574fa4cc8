import path from 'node:path';
import type { Tree } from '@nx/devkit';
import ignore from 'ignore';
import { targetFolder } from './target-folder';

/**
 * Has git ignore what would otherwise be committed, and what Nx would otherwise take for sources: the target folder of
 * each Cargo workspace, which holds what hot patching keeps too, and Nx's folder with the answers of cargo.
 *
 * @param roots folders of the Cargo workspaces, relative to the root of the Nx workspace
 * @returns the lines that were added to the .gitignore at the root
 */
export function ignoreOutputs(tree: Tree, roots: readonly string[]): readonly string[] {
  const targets = roots.flatMap((root) => targetFolder(tree, root) ?? []);
  const outputs = [...new Set(targets), '.nx/workspace-data'];
  const lines = outputs
    .filter((folder) => !isIgnored(tree, folder))
    .map((folder) => (folder.startsWith('.nx/') ? folder : `/${folder}/`));
  if (lines.length === 0) return [];
  const before = tree.read('.gitignore', 'utf8') ?? '';
  const separator = before === '' || before.endsWith('\n') ? '' : '\n';
  tree.write('.gitignore', `${before}${separator}${lines.join('\n')}\n`);
  return lines;
}

/** By gitignore(5): every .gitignore from the root down to the folder has a say, and the last one that has wins. */
function isIgnored(tree: Tree, folder: string): boolean {
  const parents = folder.split('/').slice(0, -1);
  let ignored = false;
  for (let depth = 0; depth <= parents.length; depth++) {
    const place = parents.slice(0, depth).join('/');
    const rules = tree.read(path.posix.join(place, '.gitignore'), 'utf8');
    if (rules === null) continue;
    const verdict = ignore()
      .add(rules)
      .test(`${path.posix.relative(place, folder)}/`);
    if (verdict.ignored) ignored = true;
    if (verdict.unignored) ignored = false;
  }
  return ignored;
}
