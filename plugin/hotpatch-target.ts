import type { TargetConfiguration } from '@nx/devkit';
import type { HotpatchExecutorSchema } from '../executors/hotpatch/options';
import type { CargoPackage } from './cargo/package';
import { programChoices } from './programs';
import { configured } from './tasks/profiles';

/** Options that one would write into a project.json. */
const EXAMPLE = { onRefused: 'keep', env: { RUST_LOG: 'debug' } };

/**
 * The target that runs and patches a package's program, or its shared library in the program that loads it; undefined
 * for a package that has neither.
 *
 * With one program, or a `default-run`, the target alone is enough. With several, each is a configuration too:
 * `nx run app:hotpatch:server` is `nx run app:hotpatch --bin=server`; those of examples start with `example-`.
 *
 * @param profiles a configuration for each profile
 * @param name of the target
 */
export function hotpatchTarget(
  pkg: CargoPackage,
  profiles: Readonly<Record<string, HotpatchExecutorSchema>>,
  name: string,
): TargetConfiguration | undefined {
  const choices = programChoices(pkg);
  if (choices === undefined) return undefined;
  const { options, configurations } = choices;
  const isLibrary = isOnlyLibrary(pkg);
  return {
    executor: 'nx-hotpatch:hotpatch',
    continuous: true,
    // The executor reports it when the program runs, not when cargo started to build.
    readyWhen: { signal: true },
    options: {
      manifestPath: manifestPath(pkg),
      package: pkg.name,
      ...options,
    } satisfies HotpatchExecutorSchema,
    ...configured({ ...configurations, ...profiles }),
    metadata: {
      description: isLibrary
        ? `Hot patch ${pkg.name} on every save, in the program whose command line stands behind \`--\`.`
        : `Run ${pkg.name} and hot patch it on every save.`,
      technologies: ['rust'],
      // Nx runs it in the project's folder.
      help: {
        command: `npx nx ${name} --help`,
        example: { options: EXAMPLE, args: isLibrary ? ['node', 'server.js'] : ['--port=8080'] },
      },
    },
  };
}

/**
 * The target that tells the running session something. It is none of the session's own options, because of a continuous
 * task Nx runs one at a time: asked for it again, from any terminal, it waits for the first to end.
 *
 * @param session `hotpatchTarget`
 */
export function tellTarget({ executor, options, configurations }: TargetConfiguration): TargetConfiguration {
  return {
    ...(executor === undefined ? {} : { executor }),
    cache: false,
    options: { ...options, tell: 'status' } satisfies HotpatchExecutorSchema,
    ...(configurations === undefined ? {} : { configurations }),
    metadata: {
      description: `Tell the session that runs ${options.package} something: undo, status, restart.`,
      technologies: ['rust'],
    },
  };
}

/** Whether what is patched is a shared library, in the program that loads it. */
export function isOnlyLibrary({ bins, cdylib }: Pick<CargoPackage, 'bins' | 'cdylib'>): boolean {
  return bins.length === 0 && cdylib !== undefined;
}

/** Relative to the Nx root. */
export function manifestPath({ folder }: Pick<CargoPackage, 'folder'>): string {
  return folder === '.' ? 'Cargo.toml' : `${folder}/Cargo.toml`;
}
