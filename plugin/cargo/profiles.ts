import { type Table, tableAt } from './manifest';

/** Cargo's own; `test` and `bench` build no programs. */
const BUILT_IN: readonly string[] = ['dev', 'release', 'test', 'bench'];

/**
 * Cargo's names of the profiles besides `dev` by which programs can be built: `release`, and those that the workspace
 * defines. Those that ask for link-time optimisation are among them. They cannot be patched, which the tasks say; without a
 * configuration of that name Nx would take `dev` and say nothing.
 *
 * @param root the manifest of the Cargo workspace
 */
export function programProfiles(root: Table): readonly string[] {
  const own = Object.keys(tableAt(root, 'profile') ?? {}).filter((name) => !BUILT_IN.includes(name));
  return ['release', ...own.sort()];
}
