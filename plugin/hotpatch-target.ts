import type { TargetConfiguration } from '@nx/devkit';
import type { HotpatchExecutorSchema } from '../executors/hotpatch/options';
import type { CargoPackage, CargoProgram } from './cargo/package';

/**
 * The target that runs and patches a package's program; undefined for a package that has none.
 *
 * With one program, or a `default-run`, the target alone is enough. With several, each is a configuration too:
 * `nx run app:hotpatch:server` is `nx run app:hotpatch --bin=server`; those of examples start with `example-`.
 */
export function hotpatchTarget(pkg: CargoPackage): TargetConfiguration | undefined {
  const { bins, examples } = pkg;
  if (bins.length + examples.length === 0) return undefined;
  const chosen = bins.find((bin) => bin.name === pkg.defaultRun) ?? only(bins);
  const example = bins.length === 0 ? only(examples) : undefined;
  const configurations = {
    ...Object.fromEntries(
      examples
        .filter((program) => program !== example)
        .map((program) => [`example-${program.name}`, { example: program.name, ...features(program) }]),
    ),
    ...(bins.length > 1
      ? Object.fromEntries(bins.map((program) => [program.name, { bin: program.name, ...features(program) }]))
      : {}),
  };
  return {
    executor: 'nx-hotpatch:hotpatch',
    continuous: true,
    // The executor reports it when the program runs, not when cargo started to build.
    readyWhen: { signal: true },
    options: {
      manifestPath: pkg.folder === '.' ? 'Cargo.toml' : `${pkg.folder}/Cargo.toml`,
      package: pkg.name,
      ...(example === undefined ? {} : { example: example.name }),
      ...features(chosen ?? example),
    } satisfies HotpatchExecutorSchema,
    ...(Object.keys(configurations).length === 0 ? {} : { configurations }),
    metadata: {
      description: `Run ${pkg.name} and hot patch it on every save.`,
      technologies: ['rust'],
    },
  };
}

/** Cargo refuses to build a program without its `required-features`. */
function features(program: CargoProgram | undefined): { readonly features?: readonly string[] } {
  const required = program?.requiredFeatures ?? [];
  return required.length === 0 ? {} : { features: required };
}

function only<T>(items: readonly T[]): T | undefined {
  return items.length === 1 ? items[0] : undefined;
}
