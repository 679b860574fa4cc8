import type { ProjectConfiguration } from '@nx/devkit';
import type { CargoPackage, CargoWorkspace } from '../cargo/package';
import { hotpatchTarget } from '../hotpatch-target';
import type { NormalizedPluginOptions } from '../options';
import { MORE, SOURCES, sourceInputs, TOOLS, toolInputs } from './inputs';
import { nestedFolders } from './nested-folders';
import { packageTargets } from './package-targets';
import { programTargets } from './program-targets';
import { scanSources } from './scan';
import { ScanCache } from './scan-cache';
import { slotCount } from './slots';
import { surroundings } from './task-package';
import { TaskWorkspace } from './task-workspace';

type Tasks = Pick<ProjectConfiguration, 'targets' | 'namedInputs'>;

/**
 * The targets of a package. It has the cached tasks when Nx can cache them: cargo's target folder lies in the Nx workspace,
 * and a lock file says what is compiled. Otherwise its programs still run by `hotpatch`.
 */
export class TaskInference {
  readonly #known: ScanCache;
  readonly #workspaces: ReadonlyMap<CargoWorkspace, TaskWorkspace>;
  readonly #nested: ReadonlyMap<string, readonly string[]>;

  constructor(
    private readonly nxRoot: string,
    private readonly options: NormalizedPluginOptions,
    workspaces: readonly CargoWorkspace[],
  ) {
    this.#known = new ScanCache(nxRoot);
    this.#workspaces = new Map(workspaces.map((workspace) => [workspace, new TaskWorkspace(workspace)]));
    this.#nested = nestedFolders(workspaces.flatMap(({ packages }) => packages.map(({ folder }) => folder)));
  }

  of(pkg: CargoPackage, cargoWorkspace: CargoWorkspace): Tasks {
    const { names, tasks, unitSlots } = this.options;
    const { compile } = pkg;
    const { targetDir } = cargoWorkspace;
    const workspace = this.#workspaces.get(cargoWorkspace) ?? new TaskWorkspace(cargoWorkspace);
    if (!tasks || compile === undefined || targetDir === undefined) {
      const target = hotpatchTarget(pkg, workspace.profiles, names.hotpatch);
      return { targets: target === undefined ? {} : { [names.hotpatch]: target } };
    }
    const scan = scanSources(this.nxRoot, pkg.folder, this.#nested.get(pkg.folder) ?? [], this.#known);
    const slots = unitSlots ?? slotCount(scan.sources);
    const task = { pkg: { ...pkg, compile }, workspace, targetDir, slots };
    const around = surroundings(task);
    return {
      namedInputs: { [SOURCES]: sourceInputs(scan), [MORE]: [], [TOOLS]: toolInputs(workspace, pkg) },
      targets: { ...packageTargets(task, around, names), ...programTargets(task, around, names) },
    };
  }

  /** Keeps what was read for the next time. */
  save(): void {
    this.#known.save();
  }
}
