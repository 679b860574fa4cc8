import path from 'node:path';
import { isTable, type Manifest, stringAt, type Table, tableAt } from './manifest';

/** `dev_dependencies` and `build_dependencies` are old spellings that cargo still reads before edition 2024. */
const SECTIONS = [
  'dependencies',
  'dev-dependencies',
  'build-dependencies',
  'dev_dependencies',
  'build_dependencies',
];

/**
 * Folders of the packages that a manifest names by path, each once, sorted.
 *
 * @param root the manifest of the Cargo workspace, from which `{ workspace = true }` is inherited
 */
export function pathDependencies(manifest: Manifest, root: Manifest | undefined): readonly string[] {
  const shared = tableAt(root?.workspace, 'dependencies');
  const found = new Set<string>();
  for (const dependencies of dependencyTables(manifest.table)) {
    for (const [name, dependency] of Object.entries(dependencies)) {
      if (!isTable(dependency)) continue;
      const inherited = dependency.workspace === true;
      const file = stringAt(inherited ? tableAt(shared, name) : dependency, 'path');
      if (file === undefined) continue;
      found.add(path.posix.join((inherited ? root?.folder : undefined) ?? manifest.folder, file));
    }
  }
  return [...found].map((folder) => folder.replace(/\/$/, '')).sort();
}

/** The sections of the manifest, and those of each `[target.'cfg(...)']`. */
function dependencyTables(table: Table): readonly Table[] {
  const owners = [table, ...Object.values(tableAt(table, 'target') ?? {}).filter(isTable)];
  return owners
    .flatMap((owner) => SECTIONS.map((section) => tableAt(owner, section)))
    .filter((section) => section !== undefined);
}
