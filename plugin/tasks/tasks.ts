import type { ProjectConfiguration } from '@nx/devkit';
import type { CargoPackage, CargoWorkspace } from '../cargo/package';
import { hotpatchTarget } from '../hotpatch-target';
import type { NormalizedPluginOptions } from '../options';
import { MORE, SOURCES, sourceInputs, TOOLS, toolInputs } from './inputs';
import { nestedFolders } from './nested-folders';
import type { PackageSources } from './package-sources';
import { packageTargets } from './package-targets';
import { programTargets } from './program-targets';
import { slotCount } from './slots';
import { surroundings } from './task-package';
import { TaskWorkspace } from './task-workspace';

type Tasks = Pick<ProjectConfiguration, 'targets' | 'namedInputs'>;

/**
 * The targets of a package. It has the cached tasks when Nx can cache them: cargo's target folder lies in the Nx workspace,
 * and a lock file says what is compiled. Otherwise its programs still run by `hotpatch`.
 */
export class TaskInference {
  readonly #workspaces: ReadonlyMap<CargoWorkspace, TaskWorkspace>;
  readonly #nested: ReadonlyMap<string, readonly string[]>;

  /** @param sources undefined where the user wants no cached tasks */
  constructor(
    private readonly options: NormalizedPluginOptions,
    workspaces: readonly CargoWorkspace[],
    private readonly sources: PackageSources | undefined,
  ) {
    this.#workspaces = new Map(workspaces.map((workspace) => [workspace, new TaskWorkspace(workspace)]));
    this.#nested = nestedFolders(workspaces.flatMap(({ packages }) => packages.map(({ folder }) => folder)));
  }

  of(pkg: CargoPackage, cargoWorkspace: CargoWorkspace): Tasks {
    const { names, unitSlots } = this.options;
    const { compile } = pkg;
    const { targetDir } = cargoWorkspace;
    const workspace = this.#workspaces.get(cargoWorkspace) ?? new TaskWorkspace(cargoWorkspace);
    if (this.sources === undefined || compile === undefined || targetDir === undefined) {
      const target = hotpatchTarget(pkg, workspace.profiles, names.hotpatch);
      return { targets: target === undefined ? {} : { [names.hotpatch]: target } };
    }
    const scan = this.sources.scan(pkg.folder, this.#nested.get(pkg.folder) ?? []);
    const slots = unitSlots ?? slotCount(scan.sources);
    const task = { pkg: { ...pkg, compile }, workspace, targetDir, slots };
    const around = surroundings(task);
    return {
      namedInputs: { [SOURCES]: sourceInputs(scan), [MORE]: [], [TOOLS]: toolInputs(workspace, pkg) },
      targets: { ...packageTargets(task, around, names), ...programTargets(task, around, names) },
    };
  }
}

/** Folders of the packages that have the cached tasks, as far as the workspace decides it. */
export function foldersWithTasks({ packages, targetDir }: CargoWorkspace): readonly string[] {
  if (targetDir === undefined) return [];
  return packages.filter(({ compile }) => compile !== undefined).map(({ folder }) => folder);
}
