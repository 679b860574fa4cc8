import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { CrateRecord } from '../../artifacts';
import { readCargoConfig } from '../../capture/cargo-config';
import { OUT_DIR } from '../../capture/out-dir';
import type { Places } from '../portable';
import { foreignVariable } from './variables';

/** What this clone runs and allows by itself. */
export interface Own {
  readonly places: Places;
  readonly targetDir: string;
  readonly env: NodeJS.ProcessEnv;
  /** Where cargo runs. */
  readonly cwd: string;
}

/** Codegen options that load nothing and name no file outside of what a compile is given. */
const CODEGEN = new Set(
  `codegen-units code-model control-flow-guard debug-assertions debuginfo default-linker-libraries embed-bitcode
   extra-filename force-frame-pointers force-unwind-tables incremental instrument-coverage jump-tables link-arg link-args
   link-dead-code link-self-contained linker linker-features linker-flavor linker-plugin-lto lto metadata
   no-prepopulate-passes no-redzone no-vectorize-loops no-vectorize-slp opt-level overflow-checks panic prefer-dynamic
   relocation-model relro-level rpath soft-float split-debuginfo strip symbol-mangling-version target-cpu
   target-feature`.split(/\s+/),
);
/** Options whose values are words for the compiler alone. */
const WORDS = new Set(
  `--crate-name --crate-type --edition --cfg --check-cfg --cap-lints --error-format --json --color --diagnostic-width
   --allow --warn --deny --forbid --force-warn -A -W -D -F -l`.split(/\s+/),
);
const FLAGS = new Set(['--test', '-g', '-O', '-v', '--verbose', '-Zunstable-options']);
/** Where the system keeps libraries, for those whose build script says so. */
const SYSTEM = /^\/(usr|lib|lib64|opt|nix)\//;

/**
 * What of a crate's record would be executed or loaded by the replay of its compile, and is neither this clone's own nor what
 * cargo writes; undefined when nothing is. The record may be a forger's, who would choose compiler, wrapper, plugins and
 * variables. (The content of libraries, proc macros and images is as the cache has it: no record can say that of itself.)
 */
export function executedElsewhere(record: CrateRecord, own: Own): string | undefined {
  const { places, env, cwd } = own;
  const { files, rustcWorkspaceWrapper } = readCargoConfig(cwd, env);
  const compilers = [env.RUSTC, 'rustc', path.join(places.sysroot, 'bin/rustc')];
  if (!compilers.includes(record.rustc)) return record.rustc;
  if (record.wrapper !== (rustcWorkspaceWrapper ?? null)) return record.wrapper ?? 'no wrapper';
  // rustup looks for its toolchain file upwards from there.
  if (!isWithin(record.cwd, places.workspace)) return record.cwd;
  return foreignVariable(record.env, own) ?? foreignArgument(record.args, own, files);
}

function foreignArgument(
  args: readonly string[],
  { places, targetDir, env }: Own,
  configFiles: readonly string[],
): string | undefined {
  const isOurs = (file: string) => isWithin(file, targetDir) || isWithin(file, places.sysroot);
  let sources = 0;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    const [option, value, words] = read(args, at);
    at += words - 1;
    const allowed =
      FLAGS.has(arg) ||
      WORDS.has(option) ||
      (option === '--emit' && !value.includes('=')) ||
      (option === '--out-dir' && value === OUT_DIR) ||
      // A specification of a target is a file.
      (option === '--target' && /^[\w-]+$/.test(value)) ||
      (option === '-C' && CODEGEN.has(value.replace(/=.*/s, '').replaceAll('_', '-'))) ||
      (option === '--extern' && (!value.includes('=') || isOurs(value.slice(value.indexOf('=') + 1)))) ||
      (option === '-L' && isSearched(value, isOurs)) ||
      // `@file` is a file of arguments.
      (!arg.startsWith('-') && !arg.startsWith('@') && sources++ === 0);
    if (allowed) continue;
    const said = words > 1 ? [arg, value] : [arg];
    if (!isOwnFlag(said, env, configFiles)) return said.join(' ');
  }
  return undefined;
}

/** An option, its value, and how many words it takes. Those of one letter may stand together with their value. */
function read(args: readonly string[], at: number): readonly [string, string, number] {
  const arg = args[at] ?? '';
  if (arg === '--codegen') return ['-C', args[at + 1] ?? '', 2];
  if (arg.startsWith('--codegen=')) return ['-C', arg.slice('--codegen='.length), 1];
  const equals = arg.indexOf('=');
  if (arg.startsWith('--') && equals > 0) return [arg.slice(0, equals), arg.slice(equals + 1), 1];
  if (/^-[ACDFLWZlo]./.test(arg) && !arg.startsWith('--')) return [arg.slice(0, 2), arg.slice(2), 1];
  if (!arg.startsWith('-') || FLAGS.has(arg)) return [arg, '', 1];
  return [arg, args[at + 1] ?? '', 2];
}

/** In folders for crates rustc finds proc macros, which it loads; in others archives for the linker. */
function isSearched(value: string, isOurs: (file: string) => boolean): boolean {
  const [, kind, folder = ''] = /^(?:(dependency|crate|native|framework|all)=)?(.*)$/s.exec(value) ?? [];
  return isOurs(folder) || SYSTEM.test(path.resolve('/', folder)) || kind === 'native';
}

/** Between the flags of `CARGO_ENCODED_RUSTFLAGS`. */
const SEPARATOR = '\u001f';

/** Flags that this clone's own settings ask for, word by word. */
function isOwnFlag(
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  configFiles: readonly string[],
): boolean {
  const variables = Object.entries(env).filter(([name]) => name.endsWith('RUSTFLAGS'));
  const texts = [
    ...variables.map(([, value]) => value ?? ''),
    ...configFiles.map((file) => readFileSync(file, 'utf8')),
  ];
  const own = new Set(texts.flatMap((text) => text.replaceAll(SEPARATOR, ' ').split(/[\s"',[\]]+/)));
  return words.every((word) => own.has(word));
}

function isWithin(file: string, folder: string): boolean {
  return path.resolve(file) === file && (file === folder || file.startsWith(`${folder}/`));
}
