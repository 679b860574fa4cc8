import path from 'node:path';
import type { KeysOption } from '../session/keys/console';
import { programArguments } from './program-arguments';
import schema from './schema.json';

/** What to do with a change that cannot be patched soundly. */
export type OnRefused = 'restart' | 'ask' | 'keep';

/** The executor's options as Nx gives them: `schema.json`, in which each is described, as a type. */
export interface HotpatchExecutorSchema {
  readonly bin?: string;
  readonly example?: string;
  readonly lib?: boolean;
  readonly artifact?: string;
  readonly package?: string;
  readonly manifestPath?: string;
  readonly features?: string | readonly string[];
  readonly allFeatures?: boolean;
  readonly noDefaultFeatures?: boolean;
  readonly profile?: string;
  readonly release?: boolean;
  readonly targetDir?: string;
  readonly cargoArgs?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly onRefused?: OnRefused;
  readonly events?: string;
  readonly json?: boolean;
  readonly debounce?: number;
  readonly clear?: boolean;
  readonly verbose?: boolean;
  readonly keys?: KeysOption;
  readonly tell?: string;
  readonly tellPid?: number;
  readonly reproduce?: string;
  /** The command line after the target, word by word. */
  readonly __unparsed__?: readonly string[];
}

/**
 * Which program of the package to run. `default`: cargo's own choice, the only binary or `default-run`; without binaries
 * the shared library, which the program loads that `args` start.
 */
export type ProgramChoice =
  | { readonly kind: 'default' }
  | { readonly kind: 'bin'; readonly name: string }
  | { readonly kind: 'example'; readonly name: string }
  | { readonly kind: 'lib' };

/** The options with every default filled in and every path absolute. */
export interface HotpatchOptions {
  readonly manifestPath: string;
  /** Only when asked for: cargo takes the manifest's package otherwise. */
  readonly package?: string;
  readonly program: ProgramChoice;
  readonly features: readonly string[];
  readonly allFeatures: boolean;
  readonly noDefaultFeatures: boolean;
  /** Cargo's name of it: `dev`, `release`, or one of the workspace's own. */
  readonly profile: string;
  readonly targetDir?: string;
  readonly cargoArgs: readonly string[];
  /** Absolute path at which the program that loads a shared library looks for it. */
  readonly artifact?: string;
  /** Arguments of the program: those of the configuration, then those of the command line. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly onRefused: OnRefused;
  /** Absolute path of the events file. */
  readonly events?: string;
  readonly json: boolean;
  readonly debounceMs: number;
  readonly clear: boolean;
  readonly verbose: boolean;
  readonly keys: KeysOption;
  /** Absolute path of the folder of a crash that is to be reproduced. */
  readonly reproduce?: string;
}

const switches = Object.fromEntries(
  Object.entries(schema.properties).map(([name, property]) => [
    name,
    { isSwitch: 'type' in property && property.type === 'boolean' },
  ]),
);

/**
 * Fills in the defaults.
 *
 * @param root        absolute path of the Nx workspace: relative paths start there
 * @param projectRoot the project's folder, relative to `root`
 * @throws Error with one sentence when two options contradict each other
 */
export function normalizeOptions(
  options: HotpatchExecutorSchema,
  root: string,
  projectRoot: string,
): HotpatchOptions {
  const fromRoot = (file: string) => path.resolve(root, file);
  return {
    manifestPath: fromRoot(options.manifestPath ?? path.join(projectRoot, 'Cargo.toml')),
    ...(options.package === undefined ? {} : { package: options.package }),
    program: programChoice(options),
    features: featureList(options.features),
    allFeatures: options.allFeatures ?? false,
    noDefaultFeatures: options.noDefaultFeatures ?? false,
    profile: profile(options),
    ...(options.targetDir === undefined ? {} : { targetDir: fromRoot(options.targetDir) }),
    cargoArgs: options.cargoArgs ?? [],
    ...(options.artifact === undefined ? {} : { artifact: fromRoot(options.artifact) }),
    args: [...(options.args ?? []), ...programArguments(options.__unparsed__ ?? [], switches)],
    env: options.env ?? {},
    cwd: fromRoot(options.cwd ?? '.'),
    onRefused: options.onRefused ?? 'restart',
    ...(options.events === undefined ? {} : { events: fromRoot(options.events) }),
    json: options.json ?? false,
    debounceMs: options.debounce ?? 10,
    clear: options.clear ?? false,
    verbose: options.verbose ?? false,
    keys: options.keys ?? 'auto',
    ...(options.reproduce === undefined ? {} : { reproduce: fromRoot(options.reproduce) }),
  };
}

function programChoice({ bin, example, lib }: HotpatchExecutorSchema): ProgramChoice {
  const named = bin === undefined ? example && `--example=${example}` : `--bin=${bin}`;
  if (lib && named) {
    throw new Error(`Both --lib and ${named} are set, and one of them can be patched: leave one out.`);
  }
  if (lib) return { kind: 'lib' };
  if (bin !== undefined && example !== undefined) {
    throw new Error(
      `Both --bin=${bin} and --example=${example} are set, and one program can run: leave one out.`,
    );
  }
  if (bin !== undefined) return { kind: 'bin', name: bin };
  if (example !== undefined) return { kind: 'example', name: example };
  return { kind: 'default' };
}

/** `--release` is cargo's other word for `--profile=release`, and cargo too refuses both with different meanings. */
function profile({ profile: name, release }: HotpatchExecutorSchema): string {
  if (release && name !== undefined && name !== 'release') {
    throw new Error(
      `Both --release and --profile=${name} are set, and one profile can be built: leave one out.`,
    );
  }
  return release ? 'release' : (name ?? 'dev');
}

/** Cargo takes commas and blanks between features alike. */
function featureList(features: string | readonly string[] | undefined): readonly string[] {
  const words = typeof features === 'string' ? [features] : (features ?? []);
  return words.flatMap((word) => word.split(/[\s,]+/)).filter((feature) => feature !== '');
}
