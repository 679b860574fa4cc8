import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CargoArtifact, CargoBuild } from './cargo-build';
import type { Workspace } from './cargo-metadata';
import { crateIdOfOutput } from './crate-arguments';
import type { HotpatchFolder } from './hotpatch-folder';

/**
 * Whether a package that is no member of the workspace depends on one that is: with `[patch]` the registry's `smol` uses
 * the workspace's own `async-task`. An edit of the member makes it another crate for rustc, so it is compiled by our
 * wrapper like the members; cargo wraps these alone.
 *
 * What the lock file does not tell, as there is none or a manifest is newer, counts as such. The wrapper is not put there
 * always: a build script that asks to be run again for `RUSTC_WRAPPER` would be another one than in an ordinary build.
 */
export function mayDependOnMembers({ root, packages }: Workspace): boolean {
  const lock = path.join(root, 'Cargo.lock');
  const locked = modified(lock);
  const manifests = [path.join(root, 'Cargo.toml'), ...packages.map(({ manifest }) => manifest)];
  if (locked === undefined || manifests.some((file) => (modified(file) ?? 0) >= locked)) return true;
  const members = new Set(packages.map(({ name }) => name));
  const all = readLock(lock);
  const isMember = ({ name, source }: LockedPackage) => source === undefined && members.has(name);
  // Cargo names a dependency by its version when the lock file has several of the name.
  const names = new Set(all.filter(isMember).flatMap(({ name, version }) => [name, `${name} ${version}`]));
  return all.some((each) => !isMember(each) && each.dependencies.some((name) => names.has(name)));
}

function modified(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}

/** With those that were compiled by our wrapper as what they are like: crates of the workspace. */
export function withRecordedAsLocal(build: CargoBuild, folder: HotpatchFolder): CargoBuild {
  const isRecorded = ({ files }: CargoArtifact) =>
    files.some((file) => folder.hasCrate(crateIdOfOutput(file)));
  const artifacts = build.artifacts.map((made) => (isRecorded(made) ? { ...made, local: true } : made));
  return { ...build, artifacts };
}

/** Tells the script for crates from elsewhere (`wrapper-scripts.ts`) that a crate is compiled by our wrapper. */
export function markWrapped(bin: string, id: string): void {
  const file = path.join(bin, 'wrapped', id);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, '');
}

interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** Undefined for a package of the file system. */
  readonly source: string | undefined;
  /** `name`, `name version` or `name version (source)`. */
  readonly dependencies: readonly string[];
}

/** Cargo's lock file, which cargo writes in one form: a line for each field, and one for each dependency. */
function readLock(file: string): readonly LockedPackage[] {
  const [, ...blocks] = readFileSync(file, 'utf8').split(/^\[\[package\]\]$/m);
  return blocks.map((block) => {
    const field = (name: string) => new RegExp(`^${name} = "(.*)"$`, 'm').exec(block)?.[1];
    const dependencies = [...block.matchAll(/^ "(.*)",$/gm)].map(([, dependency = '']) => dependency);
    return {
      name: field('name') ?? '',
      version: field('version') ?? '',
      source: field('source'),
      dependencies,
    };
  });
}
