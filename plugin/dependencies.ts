import path from 'node:path';
import type { CreateDependencies, DependencyType, FileMap, RawProjectGraphDependency } from '@nx/devkit';
import { readForDependencies } from './cargo/one-reading';
import { type HotpatchPluginOptions, normalizePluginOptions } from './options';

/** The enum itself would load all of @nx/devkit, which takes longer than reading a hundred crates. */
const STATIC = 'static' as DependencyType.static;

/**
 * A static dependency for every path dependency between two projects: normal, dev and build, each pair once. Edges
 * join folders, not names, because a project may have been given another name by its project.json.
 */
export const createDependencies: CreateDependencies<HotpatchPluginOptions> = async (options, context) => {
  const { wants } = normalizePluginOptions(options);
  const { workspaces } = await readForDependencies(context.workspaceRoot, manifestsIn(context.fileMap));
  const byFolder = new Map(Object.entries(context.projects).map(([name, { root }]) => [root, name]));
  const edges: RawProjectGraphDependency[] = [];
  for (const { folder, dependencies } of workspaces.flatMap((workspace) => workspace.packages)) {
    const source = byFolder.get(folder);
    if (source === undefined || !wants(folder)) continue;
    for (const dependency of dependencies) {
      const target = byFolder.get(dependency);
      if (target === undefined || target === source) continue;
      const sourceFile = path.posix.join(folder, 'Cargo.toml');
      edges.push({ source, target, sourceFile, type: STATIC });
    }
  }
  return edges;
};

function manifestsIn({ projectFileMap, nonProjectFiles }: FileMap): readonly string[] {
  const isManifest = ({ file }: { readonly file: string }) =>
    file.endsWith('Cargo.toml') && path.posix.basename(file) === 'Cargo.toml';
  return [...Object.values(projectFileMap), nonProjectFiles]
    .flatMap((files) => files.filter(isManifest))
    .map(({ file }) => file);
}
