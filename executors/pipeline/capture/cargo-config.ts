import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { parse } from 'smol-toml';

/** The parts of cargo's configuration that capture takes the place of. */
export interface CargoConfig {
  /** Files that cargo reads from this folder, the nearest first. */
  readonly files: readonly string[];
  readonly rustcWrapper: string | undefined;
  readonly rustcWorkspaceWrapper: string | undefined;
  /** Whether a file says something about profiles. */
  readonly hasProfiles: boolean;
}

export type Table = Readonly<Record<string, unknown>>;

/**
 * Reads configuration as cargo does: the environment first, then `.cargo/config.toml` of each folder upwards, then that
 * of `CARGO_HOME`. An empty variable means: none. (`cargo config get` would answer this, but is not stable.)
 */
export function readCargoConfig(cwd: string, env: NodeJS.ProcessEnv): CargoConfig {
  const files = configFiles(cwd, env);
  const tables = files.map((file) => ({ file, table: readToml(file) }));
  const setting = (key: string, ...variables: readonly string[]): string | undefined => {
    const variable = variables.find((name) => env[name] !== undefined);
    if (variable !== undefined) return env[variable] || undefined;
    for (const { file, table } of tables) {
      const value = tableAt(table, 'build')?.[key];
      if (typeof value === 'string') return program(value, file) || undefined;
    }
    return undefined;
  };
  return {
    files,
    rustcWrapper: setting('rustc-wrapper', 'RUSTC_WRAPPER', 'CARGO_BUILD_RUSTC_WRAPPER'),
    rustcWorkspaceWrapper: setting(
      'rustc-workspace-wrapper',
      'RUSTC_WORKSPACE_WRAPPER',
      'CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER',
    ),
    hasProfiles: tables.some(({ table }) => tableAt(table, 'profile') !== undefined),
  };
}

/** A program with a slash in it is relative to the folder that holds `.cargo`; a bare name is looked up in PATH. */
function program(value: string, file: string): string {
  return value.includes('/') ? path.resolve(path.dirname(path.dirname(file)), value) : value;
}

function configFiles(cwd: string, env: NodeJS.ProcessEnv): readonly string[] {
  const folders: string[] = [];
  for (let folder = path.resolve(cwd); ; folder = path.dirname(folder)) {
    folders.push(path.join(folder, '.cargo'));
    if (folder === path.dirname(folder)) break;
  }
  folders.push(env.CARGO_HOME ?? path.join(env.HOME ?? homedir(), '.cargo'));
  const files = folders.flatMap((folder) => {
    // Of the two, cargo reads the one without the ending.
    const names = [path.join(folder, 'config'), path.join(folder, 'config.toml')];
    return names.find((file) => existsSync(file)) ?? [];
  });
  return [...new Set(files)];
}

/** Empty for a file that cannot be read: cargo itself reports it, with line and column. */
export function readToml(file: string): Table {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
}

export function tableAt(table: Table, key: string): Table | undefined {
  const value = table[key];
  return typeof value === 'object' && value !== null ? (value as Table) : undefined;
}

/** Tables that have no part in what a compile gives. `plugin/cargo/outer-settings.ts` has the same, and shares no code. */
const OF_NO_COMPILE = new Set(
  `alias cache cargo-new credential-alias doc future-incompat-report http install net registries registry resolver source
   term`.split(/\s+/),
);

/** What files of configuration say about compiles, as JSON, in order: equal where the same is compiled. */
export function saidAboutCompiles(files: readonly string[]): string {
  const said = files.map((file) => {
    const text = readFileSync(file, 'utf8');
    try {
      return Object.entries(parse(text)).filter(([table]) => !OF_NO_COMPILE.has(table));
    } catch {
      return [text];
    }
  });
  return JSON.stringify(said.filter((tables) => tables.length > 0));
}
