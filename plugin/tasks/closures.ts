/** A set of folders: bit n stands for the nth of `Closures.folders`. */
export type FolderSet = Readonly<Uint32Array>;

/**
 * What each package is compiled after, directly or not. A long chain of packages has as many pairs as half the square of
 * its length, and there are a few for each of the targets, so these are sets of bits.
 */
export class Closures {
  /** Sorted. */
  readonly folders: readonly string[];
  readonly #at: ReadonlyMap<string, number>;
  readonly #sets: readonly FolderSet[];

  /** @param needs folders of what is compiled before each package, by its folder */
  constructor(needs: ReadonlyMap<string, readonly string[]>) {
    this.folders = [...new Set([...needs.keys(), ...[...needs.values()].flat()])].sort();
    this.#at = new Map(this.folders.map((folder, at) => [folder, at]));
    this.#sets = reach(
      this.folders.map((folder) => (needs.get(folder) ?? []).map((need) => this.#place(need))),
    );
  }

  /**
   * Packages and all that they are compiled after.
   *
   * @param folders those in `needs` alone are known
   * @param without is left out
   */
  of(folders: readonly string[], without: string): FolderSet {
    const all = new Uint32Array(wordsFor(this.folders.length));
    for (const folder of folders) unite(all, this.#sets[this.#place(folder)]);
    const left = this.#place(without);
    if (left >= 0) all[left >>> 5] = (all[left >>> 5] ?? 0) & ~(1 << (left & 31));
    return all;
  }

  #place(folder: string): number {
    return this.#at.get(folder) ?? -1;
  }
}

/** The items of the folders in a set, in the order of the folders. @param items one for each folder, or none */
export function itemsOf<T>(set: FolderSet, items: readonly (T | undefined)[]): T[] {
  const found: T[] = [];
  for (let word = 0; word < set.length; word++) {
    for (let rest = set[word] ?? 0; rest !== 0; rest &= rest - 1) {
      const item = items[32 * word + 31 - Math.clz32(rest & -rest)];
      if (item !== undefined) found.push(item);
    }
  }
  return found;
}

/** For each node the nodes that its edges lead to, directly or not, and itself. */
function reach(edges: readonly (readonly number[])[]): readonly FolderSet[] {
  const sets = edges.map((_, at) => only(at, edges.length));
  const order = afterWhatTheyLeadTo(edges);
  // In this order once is enough, and a second time shows it. What cargo allows has no cycles; what a cache holds might.
  for (let changed = true; changed; ) {
    changed = false;
    for (const at of order) {
      for (const to of edges[at] ?? []) changed = unite(sets[at], sets[to]) || changed;
    }
  }
  return sets;
}

/** Whether that adds something to the first. */
function unite(set: Uint32Array | undefined, other: FolderSet | undefined): boolean {
  let changed = false;
  if (set === undefined || other === undefined) return changed;
  for (let word = 0; word < set.length; word++) {
    const before = set[word] ?? 0;
    set[word] = before | (other[word] ?? 0);
    changed ||= set[word] !== before;
  }
  return changed;
}

function only(bit: number, bits: number): Uint32Array {
  const set = new Uint32Array(wordsFor(bits));
  set[bit >>> 5] = 1 << (bit & 31);
  return set;
}

function wordsFor(bits: number): number {
  return (bits + 31) >>> 5;
}

/** Nodes, each after those that its edges lead to. */
function afterWhatTheyLeadTo(edges: readonly (readonly number[])[]): readonly number[] {
  const seen = new Set<number>();
  const order = new Set<number>();
  for (const start of edges.keys()) {
    const path = seen.has(start) ? [] : [start];
    for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
      seen.add(at);
      const next = edges[at]?.find((to) => !seen.has(to));
      if (next === undefined) order.add(path.pop() ?? at);
      else path.push(next);
    }
  }
  return [...order];
}
