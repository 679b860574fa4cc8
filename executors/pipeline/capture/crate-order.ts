import type { CrateRecord } from '../artifacts';
import { crateIdOfOutput } from './crate-arguments';

/** Ids of the recorded crates that a crate names by `--extern`. */
export function dependenciesOf(crate: CrateRecord, among: ReadonlyMap<string, unknown>): readonly string[] {
  return crate.externs.map((extern) => crateIdOfOutput(extern.path)).filter((id) => among.has(id));
}

/** Topological order: a crate stands after all that it depends on. */
export function dependenciesFirst(crates: readonly CrateRecord[]): readonly CrateRecord[] {
  const byId = new Map(crates.map((crate) => [crate.id, crate]));
  const ordered = new Set<CrateRecord>();
  const visit = (crate: CrateRecord | undefined): void => {
    if (crate === undefined || ordered.has(crate)) return;
    for (const id of dependenciesOf(crate, byId)) visit(byId.get(id));
    ordered.add(crate);
  };
  for (const crate of crates) visit(crate);
  return [...ordered];
}
