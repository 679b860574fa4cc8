import { minimatch } from 'minimatch';
import { type TargetNameOptions, type TaskNames, taskNames } from './tasks/names';

/** Options of the plugin in nx.json. */
export interface HotpatchPluginOptions extends TargetNameOptions {
  /** Whether packages get the cached tasks besides the target that runs a program. Default: false. */
  readonly tasks?: boolean;
  /** Into how many tasks the units of a package are divided: a power of two. Default: by the number of source files. */
  readonly unitSlots?: number;
  /** Globs of package folders or Cargo.toml files, from the workspace root; others get no project. Default: all. */
  readonly include?: readonly string[];
  /** Globs of package folders or Cargo.toml files that get no project. Default: none. */
  readonly exclude?: readonly string[];
}

export interface NormalizedPluginOptions {
  readonly names: TaskNames;
  readonly tasks: boolean;
  readonly unitSlots?: number;
  /** Whether the package in a folder (relative to the root) is wanted. */
  readonly wants: (folder: string) => boolean;
}

/** @throws Error when a target's name is not one of ours (targets of this plugin are named `hotpatch*`), or `unitSlots` is no power of two */
export function normalizePluginOptions(options: HotpatchPluginOptions | undefined): NormalizedPluginOptions {
  const { include = [], exclude = [], tasks = false, unitSlots } = options ?? {};
  const names = taskNames(options ?? {});
  if (
    unitSlots !== undefined &&
    !(unitSlots >= 1 && unitSlots <= 4096 && Number.isInteger(Math.log2(unitSlots)))
  ) {
    throw new Error(
      `The option unitSlots of nx-hotpatch in nx.json is ${unitSlots}: use a power of two from 1 to 4096.`,
    );
  }
  const matches = (folder: string, globs: readonly string[]) => {
    const manifest = folder === '.' ? 'Cargo.toml' : `${folder}/Cargo.toml`;
    return globs.some(
      (glob) => minimatch(folder, glob, { dot: true }) || minimatch(manifest, glob, { dot: true }),
    );
  };
  return {
    names,
    tasks,
    ...(unitSlots === undefined ? {} : { unitSlots }),
    wants: (folder) => (include.length === 0 || matches(folder, include)) && !matches(folder, exclude),
  };
}
