import type { Reason } from '../artifacts';
import { codegenOption, codegenOptions, setCodegenOption } from './codegen-options';

/** What hot patching needs of a crate's compilation on top of what the user asked for. */
export interface Amendment {
  /** `-C incremental` folder of this crate alone. */
  readonly incremental: string;
  /** Our linker in place of the user's; absent for crates that are not linked into an image. */
  readonly linker?: string;
}

/**
 * The command line for the capture. Whatever rustc tracks in its incremental state must be settled here: a replay
 * changes only what rustc does not track (output folder, linker, search paths).
 */
export function amendArguments(
  args: readonly string[],
  { incremental, linker }: Amendment,
): readonly string[] {
  // One folder a crate, so that the newest session in it is surely this crate's.
  let amended = setCodegenOption(args, 'incremental', incremental);
  // The engine reads the layouts of types from full debug information; lines alone do not have them.
  if (!hasFullDebugInfo(args)) amended = setCodegenOption(amended, 'debuginfo', '2');
  if ((codegenOption(args, 'strip')?.value ?? 'none') !== 'none')
    amended = setCodegenOption(amended, 'strip', 'none');
  if ((codegenOption(args, 'split-debuginfo')?.value ?? 'off') !== 'off')
    amended = setCodegenOption(amended, 'split-debuginfo', 'off');
  // Optimised crates of several units get thin LTO among their own units by default, which makes every unit's
  // code depend on every other's: no unit would stay the same after an edit.
  if (isOptimised(args) && codegenOption(args, 'lto') === undefined)
    amended = setCodegenOption(amended, 'lto', 'off');
  return linker === undefined ? amended : setCodegenOption(amended, 'linker', linker);
}

/** What rustc links with; `cc` is its choice for every Linux target with a shared C library. */
export function linkerOf(args: readonly string[]): string {
  return codegenOption(args, 'linker')?.value ?? 'cc';
}

/** Link-time optimisation makes the image's code when it links: there are no units to compare with. */
export function refuseLto(args: readonly string[], crate: string): Reason | undefined {
  const lto = codegenOption(args, 'lto');
  const plugin = codegenOption(args, 'linker-plugin-lto');
  const off = ['off', 'no', 'n', 'false'];
  const on = (option: typeof lto) => option !== undefined && !off.includes(option.value ?? 'yes');
  return on(lto) || on(plugin) ? ltoReason(crate) : undefined;
}

export function ltoReason(crate: string): Reason {
  return {
    code: 'lto',
    subject: crate,
    message: `The profile of ${crate} asks for link-time optimisation, which merges functions across crates.`,
    remedy: 'Use a profile with `lto = "off"` for hot patching, such as dev.',
  };
}

function hasFullDebugInfo(args: readonly string[]): boolean {
  const option = codegenOption(args, 'debuginfo');
  // rustc: of `-g` and `-C debuginfo` the later one counts, and `-g` means full.
  if (args.lastIndexOf('-g') > (option?.from ?? -1)) return true;
  return option?.value === '2' || option?.value === 'full';
}

function isOptimised(args: readonly string[]): boolean {
  const level = codegenOptions(args).findLast((option) => option.name === 'opt-level');
  if (args.lastIndexOf('-O') > (level?.from ?? -1)) return true;
  return level !== undefined && level.value !== '0';
}
