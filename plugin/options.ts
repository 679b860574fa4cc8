import {
  TARGET_NAME_OPTIONS,
  type TargetNameOptions,
  type TaskNames,
  targetsLeftOut,
  taskNames,
} from './tasks/names';

/** Hardly any workspace has globs. */
const globbing = (): typeof import('minimatch') => require('minimatch');

const OTHERS: readonly Exclude<keyof HotpatchPluginOptions, keyof TargetNameOptions>[] = [
  'tasks',
  'unitSlots',
  'include',
  'exclude',
];

/** Options of the plugin in nx.json. */
export interface HotpatchPluginOptions extends TargetNameOptions {
  /** Whether packages get the cached tasks besides the target that runs a program. Default: true. */
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
  /** Names of targets that no project gets. */
  readonly leftOut: readonly string[];
  readonly tasks: boolean;
  readonly unitSlots?: number;
  /** Whether the package in a folder (relative to the root) is wanted. */
  readonly wants: (folder: string) => boolean;
}

/** @throws Error when an option is unknown, a target's name is not one of ours, or `unitSlots` is no power of two */
export function normalizePluginOptions(options: HotpatchPluginOptions | undefined): NormalizedPluginOptions {
  refuseUnknown(options ?? {});
  const { include = [], exclude = [], tasks = true, unitSlots } = options ?? {};
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
    return globs.some((glob) => {
      const { minimatch } = globbing();
      return minimatch(folder, glob, { dot: true }) || minimatch(manifest, glob, { dot: true });
    });
  };
  return {
    names,
    leftOut: targetsLeftOut(options ?? {}),
    tasks,
    ...(unitSlots === undefined ? {} : { unitSlots }),
    wants: (folder) => (include.length === 0 || matches(folder, include)) && !matches(folder, exclude),
  };
}

/** A misspelt option would else be one that silently does nothing. */
function refuseUnknown(options: object): void {
  const known: readonly string[] = [...TARGET_NAME_OPTIONS, ...OTHERS];
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Error(
      `nx-hotpatch has no option '${unknown}' in nx.json: its options are ${known.join(', ')}.`,
    );
  }
}
