import { asksForLto } from '../../executors/pipeline/capture/manifest-profiles';
import { type Table, tableAt } from './manifest';

/** Cargo's own; `test` and `bench` build no programs. */
const BUILT_IN: readonly string[] = ['dev', 'release', 'test', 'bench'];

/**
 * Cargo's names of the profiles besides `dev` by which programs can be built and patched: `release`, and those that the
 * workspace defines. Those that ask for link-time optimisation are left out, because there no function stays by itself.
 *
 * @param root the manifest of the Cargo workspace
 */
export function patchableProfiles(root: Table): readonly string[] {
  const profiles = tableAt(root, 'profile') ?? {};
  const own = Object.keys(profiles).filter((name) => !BUILT_IN.includes(name));
  return ['release', ...own.sort()].filter((name) => !asksForLto(profiles, name));
}
