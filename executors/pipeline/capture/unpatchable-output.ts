import type { Reason } from '../artifacts';

/**
 * Objects that cannot be compared function by function: another backend than LLVM names and lays out its code otherwise
 * (its units were never tried), and without a section for each function there is nothing that could be replaced alone.
 */
export function refuseOutput(args: readonly string[], crate: string): Reason | undefined {
  const backend = unstableOption(args, 'codegen-backend');
  if (backend !== undefined && backend !== 'llvm') {
    return reason(crate, `the backend ${backend}, whose objects cannot be compared`, '`codegen-backend`');
  }
  if (['no', 'n', 'off', 'false'].includes(unstableOption(args, 'function-sections') ?? 'yes')) {
    return reason(crate, 'no section for each function', '`-Zfunction-sections=no`');
  }
  return undefined;
}

function reason(crate: string, asked: string, option: string): Reason {
  return {
    code: 'unpatchable-output',
    subject: crate,
    message: `${crate} is to be compiled with ${asked}.`,
    remedy: `Leave out ${option} (in a profile, in RUSTFLAGS or in cargo's configuration) for hot patching.`,
  };
}

/** `-Zname=value` or `-Z name=value`; the last one counts. rustc takes `_` and `-` for the same. */
function unstableOption(args: readonly string[], name: string): string | undefined {
  const values = args.flatMap((arg, index) => {
    const text = args[index - 1] === '-Z' ? arg : arg.startsWith('-Z') ? arg.slice(2) : '';
    const [spelled = '', value] = text.split('=', 2);
    return spelled.replaceAll('_', '-') === name && value !== undefined ? [value] : [];
  });
  return values.at(-1);
}
