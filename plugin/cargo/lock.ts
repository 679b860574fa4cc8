import { parseManifest, stringAt, stringsAt, type Table, tablesAt } from './manifest';

/** A package in Cargo.lock. */
export interface LockedPackage {
  /** `name version source`: unique. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** A package of the workspace, or one that a path outside of it names: it has no source. */
  readonly local: boolean;
  readonly checksum: string;
  /** As cargo spells them: with version and source only where the name alone is ambiguous. */
  readonly needs: readonly string[];
}

/** The packages of a Cargo.lock, and what each needs. */
export class CargoLock {
  readonly #byName = new Map<string, readonly LockedPackage[]>();
  readonly #reach = new Map<LockedPackage, ReadonlySet<LockedPackage>>();

  /** @throws Error when `text` is not TOML */
  constructor(text: string) {
    const { table } = parseManifest('.', text);
    for (const found of tablesAt(table, 'package').flatMap(lockedPackage))
      this.#byName.set(found.name, [...(this.#byName.get(found.name) ?? []), found]);
  }

  /** The packages that `name`, `name version` or `name version (source)` can mean. */
  resolve(spelled: string): readonly LockedPackage[] {
    const [name = '', version] = spelled.split(' ');
    const named = this.#byName.get(name) ?? [];
    return version === undefined ? named : named.filter((found) => found.version === version);
  }

  /** The packages of the workspace with a name: one, unless the lock file is out of date. */
  local(name: string): readonly LockedPackage[] {
    return this.resolve(name).filter(({ local }) => local);
  }

  /** All that a package needs for any platform and in any kind (normal, build, dev), itself included. */
  reach(start: LockedPackage): ReadonlySet<LockedPackage> {
    const known = this.#reach.get(start);
    if (known !== undefined) return known;
    const seen = new Set([start]);
    // A set gives also what is added while it is walked.
    for (const next of seen) for (const need of next.needs) for (const at of this.resolve(need)) seen.add(at);
    this.#reach.set(start, seen);
    return seen;
  }
}

function lockedPackage(entry: Table): readonly LockedPackage[] {
  const name = stringAt(entry, 'name');
  const version = stringAt(entry, 'version');
  if (name === undefined || version === undefined) return [];
  const source = stringAt(entry, 'source');
  return [
    {
      id: `${name} ${version} ${source ?? ''}`,
      name,
      version,
      local: source === undefined,
      checksum: stringAt(entry, 'checksum') ?? '',
      needs: stringsAt(entry, 'dependencies'),
    },
  ];
}
