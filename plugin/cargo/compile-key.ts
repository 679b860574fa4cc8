import { createHash } from 'node:crypto';
import type { CargoLock, LockedPackage } from './lock';
import { type Table, tableAt } from './manifest';

/** A dependency as `cargo metadata --no-deps` lists it: what one package asks of another. */
export interface Request {
  readonly name: string;
  readonly kind: string | null;
  readonly path?: string;
}

/** A package of the workspace, and what it asks for. */
export interface Requester {
  readonly name: string;
  readonly features: Readonly<Record<string, readonly string[]>>;
  readonly dependencies: readonly Request[];
  readonly targets: readonly { readonly name: string; readonly 'required-features'?: readonly string[] }[];
}

/** Rises whenever the same sources and settings would give other outputs. */
const FORMAT = 1;

/**
 * Digest of all that decides how the crates of a package are compiled and that no file of a package tells alone:
 *
 * - the versions, sources and checksums in the lock file of what it needs, and of nothing else;
 * - the features. Cargo gives a crate those that all packages of a program ask for together, so what every package
 *   beside it in some program asks for counts, as far as the request can reach a crate that this package needs;
 * - what cargo's configuration outside of the Nx workspace says about compiles;
 * - the tables of the workspace's manifest that apply to all members (profiles, patches, lints, resolver).
 *
 * @param neighbours the packages of all programs that contain the package, itself included
 * @param root       the manifest of the Cargo workspace
 * @param outer      `outerSettings`
 */
export function compileKey(
  pkg: Requester,
  neighbours: readonly Requester[],
  lock: CargoLock,
  root: Table,
  outer: string,
): string {
  const needed = new Set(lock.local(pkg.name).flatMap((start) => [...lock.reach(start)]));
  const parts = [FORMAT, locked(needed), requests(needed, neighbours, lock), sharedTables(root), outer];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/** The version of a package of our own is in its manifest, a file of it. */
function locked(needed: ReadonlySet<LockedPackage>): readonly unknown[] {
  return [...needed].map(({ local, name, id, checksum }) => (local ? name : `${id} ${checksum}`)).sort();
}

function requests(
  needed: ReadonlySet<LockedPackage>,
  neighbours: readonly Requester[],
  lock: CargoLock,
): readonly unknown[] {
  const matters = ({ name }: Request) =>
    lock.resolve(name).some((asked) => intersects(lock.reach(asked), needed));
  return neighbours
    .map(({ name, features, dependencies, targets }) => ({
      name,
      // Where a path leads differs from clone to clone, and the lock file says which package it is.
      asked: dependencies.filter(matters).map(({ path: _, ...request }) => request),
      // Which requests are made hangs on the asking package's own features.
      features,
      programs: targets.flatMap((target) => target['required-features'] ?? []),
    }))
    .filter(({ asked }) => asked.length > 0)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function sharedTables(root: Table): unknown {
  const workspace = tableAt(root, 'workspace');
  return [
    ...['profile', 'patch', 'replace', 'cargo-features'].map((key) => root[key] ?? null),
    ...['resolver', 'lints', 'package'].map((key) => workspace?.[key] ?? null),
    tableAt(root, 'package')?.resolver ?? null,
    tableAt(root, 'package')?.edition ?? null,
  ];
}

function intersects(some: ReadonlySet<unknown>, others: ReadonlySet<unknown>): boolean {
  for (const item of some) if (others.has(item)) return true;
  return false;
}
