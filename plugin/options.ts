import { minimatch } from 'minimatch';

/** Options of the plugin in nx.json. */
export interface HotpatchPluginOptions {
  /** Name of the target that runs and patches a program. Default: `hotpatch`. */
  readonly targetName?: string;
  /** Globs of package folders or Cargo.toml files, from the workspace root; others get no project. Default: all. */
  readonly include?: readonly string[];
  /** Globs of package folders or Cargo.toml files that get no project. Default: none. */
  readonly exclude?: readonly string[];
}

export interface NormalizedPluginOptions {
  readonly targetName: string;
  /** Whether the package in a folder (relative to the root) is wanted. */
  readonly wants: (folder: string) => boolean;
}

/** @throws Error when the target's name is not one of ours: targets of this plugin are named `hotpatch*`. */
export function normalizePluginOptions(options: HotpatchPluginOptions | undefined): NormalizedPluginOptions {
  const { targetName = 'hotpatch', include = [], exclude = [] } = options ?? {};
  if (!targetName.startsWith('hotpatch')) {
    throw new Error(
      `The option targetName of nx-hotpatch in nx.json is '${targetName}': use a name that starts with 'hotpatch', which no other plugin claims.`,
    );
  }
  const matches = (folder: string, globs: readonly string[]) => {
    const manifest = folder === '.' ? 'Cargo.toml' : `${folder}/Cargo.toml`;
    return globs.some(
      (glob) => minimatch(folder, glob, { dot: true }) || minimatch(manifest, glob, { dot: true }),
    );
  };
  return {
    targetName,
    wants: (folder) => (include.length === 0 || matches(folder, include)) && !matches(folder, exclude),
  };
}
