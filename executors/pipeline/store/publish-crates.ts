import { rmSync } from 'node:fs';
import path from 'node:path';
import { engine } from '../../../native/addon';
import type { BuildRecord, CrateRecord } from '../artifacts';
import { namesIn } from '../capture/atomic-file';
import { isUnit, sessionNameOf } from '../capture/incremental-session';
import { refuseLinks } from './bounds/links';
import { packageOf, readCrateEntry, type UnitDigests, writeCrateEntry } from './crate-entry';
import type { Places } from './portable';
import { Store } from './store';

/** Which packages, and into how many slots their units go. */
export interface PublishOptions {
  /** Names of the packages; all when absent. */
  readonly only?: ReadonlySet<string>;
  readonly slotsOf: (pkg: string) => number;
  readonly places: Places;
}

/**
 * Puts the crates of these builds into the store. An entry that is there already stays as it lies; of the packages that
 * are published, entries of other builds are removed.
 *
 * @returns names of the packages whose compile cannot be told by its inputs: a source was saved while rustc ran
 */
export async function publishCrates(
  records: readonly BuildRecord[],
  { only, slotsOf, places }: PublishOptions,
): Promise<readonly string[]> {
  const unknown = new Set<string>();
  const published = new Map<string, Set<string>>();
  for (const { targetDir, profile, crates, unused } of records) {
    const store = new Store(targetDir, profile);
    for (const crate of [...crates, ...unused]) {
      const pkg = packageOf(crate);
      if (only && !only.has(pkg)) continue;
      const folder = store.crate(pkg, crate.id);
      const all = store.crates(pkg);
      refuseLinks(all, targetDir);
      published.set(all, (published.get(all) ?? new Set()).add(crate.id));
      const slots = slotsOf(pkg);
      const present = readCrateEntry(folder, places);
      const current =
        present?.session === sessionNameOf(crate.state) &&
        present.slots === slots &&
        present.record.outDir === crate.outDir;
      if (current) continue;
      if (!writeCrateEntry(folder, crate, await unitDigests(crate), slots, places)) unknown.add(pkg);
    }
  }
  for (const [folder, ids] of published)
    for (const name of namesIn(folder))
      if (!ids.has(name)) rmSync(path.join(folder, name), { recursive: true, force: true });
  return [...unknown];
}

/** What each unit of a crate means, blind to debug information. */
export async function unitDigests({ units }: CrateRecord): Promise<UnitDigests> {
  const names = namesIn(units).filter(isUnit);
  const { reply } = await engine().call({
    op: 'digests',
    units: names.map((name) => path.join(units, name)),
  });
  const found = (reply as { readonly digests: readonly string[] }).digests;
  return new Map(names.map((name, at) => [name.slice(0, -'.o'.length), found[at] ?? '']));
}
