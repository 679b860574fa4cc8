import path from 'node:path';
import type { Tree } from '@nx/devkit';
import { parse } from 'smol-toml';
import { isTable, stringAt, tableAt } from '../../cargo/manifest';

/**
 * Where cargo builds a workspace, relative to the root of the Nx workspace: `target` in its folder, or what the nearest
 * configuration from there up says (The Cargo Book, "Configuration", "Hierarchical structure"). Undefined where that lies
 * outside.
 *
 * @param root folder of the Cargo workspace
 */
export function targetFolder(tree: Tree, root: string): string | undefined {
  const parts = root === '.' ? [] : root.split('/');
  for (let depth = parts.length; depth >= 0; depth--) {
    const place = path.posix.join('.', ...parts.slice(0, depth));
    // The name without an ending is the older one, and comes first where there are both.
    for (const name of ['.cargo/config', '.cargo/config.toml']) {
      const folder = configured(tree.read(path.posix.join(place, name), 'utf8'));
      if (folder === undefined) continue;
      const target = path.posix.join(place, folder).replace(/\/$/, '');
      return path.posix.isAbsolute(folder) || target === '.' || target.startsWith('..') ? undefined : target;
    }
  }
  return path.posix.join(root, 'target');
}

function configured(text: string | null): string | undefined {
  if (text === null) return undefined;
  try {
    const config: unknown = parse(text);
    return isTable(config) ? stringAt(tableAt(config, 'build'), 'target-dir') : undefined;
  } catch {
    // Cargo will say what is wrong with it.
    return undefined;
  }
}
