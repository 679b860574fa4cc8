import path from 'node:path';
import type { CrateKind } from '../artifacts';
import { codegenOption } from './codegen-options';

/** What a rustc command line of cargo says about the crate that it compiles. Paths are as they stand there. */
export interface CrateArguments {
  readonly id: string;
  /** What the names of its outputs begin with, after `lib`. */
  readonly stem: string;
  readonly name: string;
  readonly kind: CrateKind;
  readonly root: string;
  readonly outDir: string;
  readonly externs: readonly { readonly name: string; readonly path: string }[];
}

/** Whether rustc links an image of it, which can be patched. */
export function isLinked({ kind }: CrateArguments): boolean {
  return kind === 'bin' || kind === 'cdylib';
}

/** Options of rustc that take their value from the next argument. */
const WITH_VALUE = new Set(
  `--crate-name --crate-type --edition --emit --print --target --out-dir --cfg --check-cfg --extern --cap-lints
   --codegen --error-format --json --color --diagnostic-width --remap-path-prefix --sysroot --explain
   -C -L -l -o -A -W -D -F -Z --allow --warn --deny --forbid --force-warn`.split(/\s+/),
);

/**
 * Reads the command line by which cargo compiles one crate.
 *
 * @returns undefined for everything else: probes (`-vV`, `--print`), invocations of build scripts that test what rustc
 *   can do (they have no `-C extra-filename`), and checks that make no code.
 */
export function readCrateArguments(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): CrateArguments | undefined {
  const name = optionValues(args, '--crate-name')[0];
  const outDir = optionValues(args, '--out-dir')[0];
  const types = optionValues(args, '--crate-type');
  // cargo gives a shared library of the workspace the plain name, for others must find it (`use_extra_filename`).
  const isShared = types.includes('cdylib') && !args.includes('--test');
  const extra = codegenOption(args, 'extra-filename')?.value ?? (isShared ? '' : null);
  const metadata = codegenOption(args, 'metadata')?.value;
  const root = positionals(args)[0];
  const emits = optionValues(args, '--emit').flatMap((kinds) => kinds.split(','));
  if (name === undefined || outDir === undefined || extra == null || root === undefined) return undefined;
  if (!emits.some((kind) => kind.split('=')[0] === 'link')) return undefined;
  // `--test` makes an executable of a crate of any type.
  const kind = args.includes('--test') ? 'bin' : kindOf(types, name, env);
  const stem = name + extra;
  // One of each profile has that name.
  const id = extra === '' && metadata != null ? `${name}-${metadata}` : stem;
  return kind && { id, stem, name, kind, root, outDir, externs: externs(args) };
}

function kindOf(types: readonly string[], name: string, env: NodeJS.ProcessEnv): CrateKind | undefined {
  if (types.includes('proc-macro')) return 'proc-macro';
  // With the plain name it cannot be told among the libraries of an executable, also when it is one for Rust besides.
  if (types.includes('cdylib')) return 'cdylib';
  // A crate that is a library for Rust besides being a staticlib is in the image as a library.
  if (types.includes('lib') || types.includes('rlib')) return 'lib';
  if (types.includes('dylib')) return 'dylib';
  // cargo names no type for a test with `harness = false`: rustc makes an executable.
  if (types.length > 0 && !types.includes('bin')) return undefined;
  // cargo names a build script's crate so, and tells a binary's name to binaries only.
  return name.startsWith('build_script_') && env.CARGO_BIN_NAME === undefined ? 'build-script' : 'bin';
}

function externs(args: readonly string[]): CrateArguments['externs'] {
  return optionValues(args, '--extern').flatMap((text) => {
    // `--extern proc_macro` has no path: it comes with the compiler.
    const [spelled, file] = splitAt(text, '=');
    // `priv:`, `noprelude:`, `nounused:`, ... stand before the name.
    const name = spelled.slice(spelled.lastIndexOf(':') + 1);
    return file === undefined ? [] : [{ name, path: file }];
  });
}

/** Values of an option, spelled `--option value` or `--option=value`, in order. */
export function optionValues(args: readonly string[], option: string): readonly string[] {
  return args.flatMap((arg, index) => {
    if (arg === option) return args[index + 1] ?? [];
    return arg.startsWith(`${option}=`) ? arg.slice(option.length + 1) : [];
  });
}

function positionals(args: readonly string[]): readonly string[] {
  return args.filter((arg, index) => !arg.startsWith('-') && !WITH_VALUE.has(args[index - 1] ?? ''));
}

function splitAt(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** `/t/debug/deps/libcore_lib-9f2c.rmeta` -> `core_lib-9f2c`: the id of the crate that made the file. */
export function crateIdOfOutput(file: string): string {
  return path.basename(file, path.extname(file)).replace(/^lib/, '');
}
