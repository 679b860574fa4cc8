import path from 'node:path';
import type { CreateNodes, CreateNodesResult, ProjectConfiguration, TargetConfiguration } from '@nx/devkit';
import { readForProjects } from './cargo/one-reading';
import type { CargoPackage } from './cargo/package';
import { manifestPath, tellTarget } from './hotpatch-target';
import { type HotpatchPluginOptions, normalizePluginOptions } from './options';
import { projectNames } from './project-names';
import { targetGroups } from './target-groups';
import { PackageSources } from './tasks/package-sources';
import { foldersWithTasks, TaskInference } from './tasks/tasks';

/**
 * A project for every Cargo package, a target for every package with a program, and the cached tasks. What another
 * plugin or a project.json says about the same folder is merged by Nx.
 */
export const createNodes: CreateNodes<HotpatchPluginOptions> = [
  '**/Cargo.toml',
  async (files, options, context) => {
    const normalized = normalizePluginOptions(options);
    const { leftOut, names, wants } = normalized;
    const nxRoot = context.workspaceRoot;
    const sources = normalized.tasks ? await PackageSources.open(nxRoot, files) : undefined;
    const programs = sources && ((folder: string) => sources.programs(folder));
    const { workspaces, errors } = await readForProjects(nxRoot, files, programs);
    const projects = projectNames(workspaces);
    const tasks = new TaskInference(normalized, workspaces, sources);
    await sources?.stamp(workspaces.flatMap(foldersWithTasks));
    const results = workspaces.flatMap((workspace) =>
      workspace.packages
        .filter((pkg) => wants(pkg.folder))
        .map((pkg): [string, CreateNodesResult] => {
          const { targets = {}, ...inputs } = tasks.of(pkg, workspace);
          const run = leftOut.includes(names.hotpatch) ? undefined : targets[names.hotpatch];
          const tell = run === undefined ? {} : { [names.tell]: tellTarget(run) };
          const wanted = without({ ...targets, ...tell }, leftOut);
          return [
            manifestPath(pkg),
            {
              projects: {
                [pkg.folder]: {
                  ...project(pkg, projects.get(pkg.folder) ?? pkg.name, targetGroups(wanted, names)),
                  ...inputs,
                  targets: wanted,
                },
              },
            },
          ];
        }),
    );
    sources?.save();
    const wanted = errors.filter(([file]) => wants(path.posix.dirname(file)));
    if (wanted.length > 0) {
      const { AggregateCreateNodesError } = await import('@nx/devkit');
      throw new AggregateCreateNodesError(
        wanted.map(([file, error]) => [file, error]),
        results,
      );
    }
    return results;
  },
];

function project(
  pkg: CargoPackage,
  name: string,
  groups: ReturnType<typeof targetGroups>,
): ProjectConfiguration {
  return {
    name,
    root: pkg.folder,
    sourceRoot: path.posix.join(pkg.folder, 'src'),
    projectType: pkg.bins.length > 0 ? 'application' : 'library',
    metadata: {
      technologies: ['rust'],
      ...(pkg.description === undefined ? {} : { description: pkg.description }),
      ...groups,
    },
  };
}

function without(
  targets: Readonly<Record<string, TargetConfiguration>>,
  leftOut: readonly string[],
): Record<string, TargetConfiguration> {
  if (leftOut.length === 0) return targets;
  return Object.fromEntries(Object.entries(targets).filter(([name]) => !leftOut.includes(name)));
}
