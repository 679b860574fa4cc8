import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/**
 * The files whose mere existence makes a target of a package, relative to the package's folder, sorted: cargo finds
 * programs by name (The Cargo Book, "Target auto-discovery"). Their content plays no part, so that a save of one of
 * them changes nothing here.
 *
 * @param folder absolute folder of the package
 */
export function programFiles(folder: string): readonly string[] {
  const roots = ['src/lib.rs', 'src/main.rs'].filter((file) => existsSync(path.join(folder, file)));
  return [...roots, ...programsIn(folder, 'src/bin'), ...programsIn(folder, 'examples')].sort();
}

/** `<name>.rs` and `<name>/main.rs`. */
function programsIn(folder: string, below: string): readonly string[] {
  const files: string[] = [];
  for (const entry of entries(path.join(folder, below))) {
    if (entry.isDirectory()) {
      const inside = names(path.join(folder, below, entry.name), `${below}/${entry.name}`);
      files.push(...inside.filter((file) => file.endsWith('/main.rs')));
    } else if (entry.name.endsWith('.rs')) {
      files.push(`${below}/${entry.name}`);
    }
  }
  return files;
}

function names(folder: string, prefix: string): readonly string[] {
  return entries(folder).map((entry) => `${prefix}/${entry.name}`);
}

function entries(folder: string) {
  // Most packages have no src/bin and no examples, and an error is dear.
  if (!existsSync(folder)) return [];
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // A folder that cannot be read holds nothing that cargo could build.
    return [];
  }
}
