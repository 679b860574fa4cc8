import path from 'node:path';
import { globAsync, type Tree } from '@nx/devkit';
import { type Manifest, parseManifest } from '../cargo/manifest';

/**
 * The manifests of a workspace as a generator sees it: with what it has written and not yet saved. Those that are not
 * TOML are left out; the graph names them.
 */
export async function manifestsInTree(tree: Tree): Promise<readonly Manifest[]> {
  const manifests: Manifest[] = [];
  // Files that git ignores are not among them, so neither is what builds made.
  for (const file of (await globAsync(tree, ['**/Cargo.toml'])).sort()) {
    if (file.split('/').includes('node_modules')) continue;
    try {
      manifests.push(parseManifest(path.posix.dirname(file), tree.read(file, 'utf8') ?? ''));
    } catch {
      // Half written, or a template with placeholders.
    }
  }
  return manifests;
}
