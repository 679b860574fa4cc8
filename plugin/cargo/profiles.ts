import { stringAt, type Table, tableAt } from './manifest';

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
  return ['release', ...own.sort()].filter((name) => !asksForLto(name, profiles));
}

/** As cargo spells it (src/cargo/core/profiles.rs). `false` is thin LTO among a crate's own units. */
const OFF: ReadonlySet<unknown> = new Set([false, 'off', 'n', 'no', 'none']);

/** A profile has what it does not say itself from the one that it names. */
function asksForLto(name: string, profiles: Table, seen: readonly string[] = []): boolean {
  const table = tableAt(profiles, name);
  const lto = table?.lto;
  if (lto !== undefined) return !OFF.has(lto);
  const parent = stringAt(table, 'inherits');
  // A circle is cargo's to refuse.
  return parent !== undefined && !seen.includes(parent) && asksForLto(parent, profiles, [...seen, name]);
}
