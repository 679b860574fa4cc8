import type { ProjectConfiguration } from '@nx/devkit';
import type { CargoPackage, CargoWorkspace } from '../cargo/package';
import { hotpatchTarget } from '../hotpatch-target';
import type { NormalizedPluginOptions } from '../options';
import { MORE, SOURCES, sourceInputs, TOOLS, toolInputs } from './inputs';
import { packageTargets } from './package-targets';
import { profileConfigurations } from './profiles';
import { programTargets } from './program-targets';
import { scanSources } from './scan';
import { ScanCache } from './scan-cache';
import { slotCount } from './slots';
import { surroundings } from './task-package';

type Tasks = Pick<ProjectConfiguration, 'targets' | 'namedInputs'>;

/**
 * The targets of a package. It has the cached tasks when Nx can cache them: cargo's target folder lies in the Nx workspace,
 * and a lock file says what is compiled. Otherwise its programs still run by `hotpatch`.
 */
export class TaskInference {
  readonly #known: ScanCache;
  readonly #profiles = new Map<CargoWorkspace, ReturnType<typeof profileConfigurations>>();

  constructor(
    private readonly nxRoot: string,
    private readonly options: NormalizedPluginOptions,
    private readonly workspaces: readonly CargoWorkspace[],
  ) {
    this.#known = new ScanCache(nxRoot);
  }

  of(pkg: CargoPackage, workspace: CargoWorkspace): Tasks {
    const { names, tasks, unitSlots } = this.options;
    const { compile } = pkg;
    const { targetDir } = workspace;
    if (!tasks || compile === undefined || targetDir === undefined) {
      const target = hotpatchTarget(pkg, this.#profilesOf(workspace));
      return { targets: target === undefined ? {} : { [names.hotpatch]: target } };
    }
    const nested = this.workspaces
      .flatMap(({ packages }) => packages.map(({ folder }) => folder))
      .filter(
        (folder) => folder !== pkg.folder && (pkg.folder === '.' || folder.startsWith(`${pkg.folder}/`)),
      );
    const scan = scanSources(this.nxRoot, pkg.folder, nested, this.#known.files);
    const task = {
      pkg: { ...pkg, compile },
      workspace: { ...workspace, targetDir },
      slots: unitSlots ?? slotCount(scan.sources),
    };
    const around = surroundings(task, this.#profilesOf(workspace));
    return {
      namedInputs: { [SOURCES]: sourceInputs(scan), [MORE]: [], [TOOLS]: toolInputs(workspace, pkg) },
      targets: { ...packageTargets(task, around, names), ...programTargets(task, around, names) },
    };
  }

  #profilesOf(workspace: CargoWorkspace): ReturnType<typeof profileConfigurations> {
    const known = this.#profiles.get(workspace) ?? profileConfigurations(workspace);
    this.#profiles.set(workspace, known);
    return known;
  }

  /** Keeps what was read for the next time. */
  save(): void {
    this.#known.save();
  }
}
