/** One `-C name=value` of a rustc command line and the arguments `[from, to)` that spell it. */
export interface CodegenOption {
  /** With hyphens: rustc takes `debug_assertions` and `debug-assertions` for the same. */
  readonly name: string;
  /** Null when only the name stands there, as in `-C lto`. */
  readonly value: string | null;
  readonly from: number;
  readonly to: number;
}

/** All spellings that rustc knows: `-C x`, `-Cx`, `--codegen x`, `--codegen=x`. `-O` and `-g` are no codegen options. */
export function codegenOptions(args: readonly string[]): readonly CodegenOption[] {
  const found: CodegenOption[] = [];
  for (let from = 0; from < args.length; from++) {
    const arg = args[from] ?? '';
    const separate = arg === '-C' || arg === '--codegen';
    const text = separate ? args[from + 1] : attached(arg);
    if (text === undefined) continue;
    const to = from + (separate ? 2 : 1);
    const equals = text.indexOf('=');
    const name = (equals < 0 ? text : text.slice(0, equals)).replaceAll('_', '-');
    found.push({ name, value: equals < 0 ? null : text.slice(equals + 1), from, to });
    from = to - 1;
  }
  return found;
}

function attached(arg: string): string | undefined {
  if (arg.startsWith('--codegen=')) return arg.slice('--codegen='.length);
  return arg.startsWith('-C') ? arg.slice(2) : undefined;
}

/** The last one counts, as it does for rustc. Undefined when the option is absent. */
export function codegenOption(args: readonly string[], name: string): CodegenOption | undefined {
  return codegenOptions(args).findLast((option) => option.name === name);
}

/** The command line with the option set once, at the end, whatever was said before. */
export function setCodegenOption(args: readonly string[], name: string, value: string): readonly string[] {
  const drop = codegenOptions(args).filter((option) => option.name === name);
  const kept = args.filter((_, index) => !drop.some((option) => index >= option.from && index < option.to));
  return [...kept, '-C', `${name}=${value}`];
}
