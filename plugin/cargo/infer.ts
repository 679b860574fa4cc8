import path from 'node:path';
import { type Manifest, stringAt, stringsAt, type Table, tableAt, tablesAt } from './manifest';
import type { CargoPackage, CargoProgram } from './package';
import { pathDependencies } from './path-dependencies';

/**
 * What a manifest and the names of the files beside it tell of a package, without cargo: the answer when there is no
 * Rust toolchain, or when cargo refuses the workspace.
 *
 * @param files as `programFiles` gives them
 */
export function inferPackage(manifest: Manifest, root: Manifest, files: readonly string[]): CargoPackage {
  const name = manifest.name ?? path.posix.basename(manifest.folder);
  const lib = tableAt(manifest.table, 'lib');
  const defaultRun = stringAt(manifest.package, 'default-run');
  const description = stringAt(manifest.package, 'description');
  return {
    name,
    folder: manifest.folder,
    ...(description === undefined ? {} : { description }),
    bins: programs(
      tablesAt(manifest.table, 'bin'),
      manifest.package?.autobins === false ? [] : discoveredBins(name, files),
    ),
    examples: programs(
      // An example can be a library, which does not run.
      tablesAt(manifest.table, 'example').filter((example) => {
        const types = stringsAt(example, 'crate-type');
        return types.length === 0 || types.includes('bin');
      }),
      manifest.package?.autoexamples === false ? [] : discovered(files, 'examples/'),
    ),
    ...(stringsAt(lib, 'crate-type').includes('cdylib')
      ? { cdylib: stringAt(lib, 'name') ?? name.replaceAll('-', '_') }
      : {}),
    ...(defaultRun === undefined ? {} : { defaultRun }),
    dependencies: pathDependencies(manifest, root).filter((folder) => folder !== manifest.folder),
  };
}

function discoveredBins(name: string, files: readonly string[]): readonly string[] {
  return [...(files.includes('src/main.rs') ? [name] : []), ...discovered(files, 'src/bin/')];
}

function discovered(files: readonly string[], prefix: string): readonly string[] {
  return files
    .filter((file) => file.startsWith(prefix))
    .map((file) => file.slice(prefix.length).replace(/(\/main)?\.rs$/, ''));
}

/** Programs that the manifest spells out, then those found by name, each name once. */
function programs(declared: readonly Table[], found: readonly string[]): readonly CargoProgram[] {
  const byName = new Map<string, CargoProgram>();
  for (const table of declared) {
    const name = stringAt(table, 'name');
    if (name !== undefined)
      byName.set(name, { name, requiredFeatures: stringsAt(table, 'required-features') });
  }
  for (const name of found) if (!byName.has(name)) byName.set(name, { name, requiredFeatures: [] });
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
