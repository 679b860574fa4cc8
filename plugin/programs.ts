import type { CargoPackage, CargoProgram } from './cargo/package';

/** How the options of an executor choose a program. */
export interface ProgramOptions {
  readonly bin?: string;
  readonly example?: string;
  readonly features?: readonly string[];
}

/** The programs of a package as its targets offer them. */
export interface ProgramChoices {
  /** Name of the one that runs when none is named, or of the shared library; undefined when one must be named. */
  readonly chosen: string | undefined;
  /** Options that lead to it; cargo's own choice is left to cargo. */
  readonly options: ProgramOptions;
  /** Every other way to choose, by the configuration's name; those of examples start with `example-`. */
  readonly configurations: Readonly<Record<string, ProgramOptions>>;
}

/** Undefined for a package that has neither a program nor a shared library. */
export function programChoices({
  bins,
  examples,
  defaultRun,
  cdylib,
}: CargoPackage): ProgramChoices | undefined {
  if (bins.length + examples.length === 0 && cdylib === undefined) return undefined;
  const bin = bins.find(({ name }) => name === defaultRun) ?? only(bins);
  // A shared library without programs is what its package is about.
  const example = bins.length === 0 && cdylib === undefined ? only(examples) : undefined;
  const chosen = bin ?? example;
  return {
    chosen: chosen?.name ?? (bins.length === 0 ? cdylib : undefined),
    options: { ...(example === undefined ? {} : { example: example.name }), ...features(chosen) },
    configurations: {
      ...Object.fromEntries(
        examples
          .filter((program) => program !== example)
          .map((program) => [`example-${program.name}`, { example: program.name, ...features(program) }]),
      ),
      ...(bins.length > 1
        ? Object.fromEntries(
            bins.map((program) => [program.name, { bin: program.name, ...features(program) }]),
          )
        : {}),
    },
  };
}

/** Cargo refuses to build a program without its `required-features`. */
function features(program: CargoProgram | undefined): Pick<ProgramOptions, 'features'> {
  const required = program?.requiredFeatures ?? [];
  return required.length === 0 ? {} : { features: required };
}

function only<T>(items: readonly T[]): T | undefined {
  return items.length === 1 ? items[0] : undefined;
}
