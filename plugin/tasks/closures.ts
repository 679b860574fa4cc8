/**
 * What each package is compiled after, directly or not. A long chain of packages has as many pairs as the square of its
 * length, so these are sets of bits: bit n stands for the nth folder.
 */
export class Closures {
  /** Sorted. */
  readonly #folders: readonly string[];
  readonly #at: ReadonlyMap<string, number>;
  readonly #masks: readonly bigint[];

  /** @param needs folders of what is compiled before each package, by its folder */
  constructor(needs: ReadonlyMap<string, readonly string[]>) {
    this.#folders = [...new Set([...needs.keys(), ...[...needs.values()].flat()])].sort();
    this.#at = new Map(this.#folders.map((folder, at) => [folder, at]));
    const edges = this.#folders.map((folder) =>
      (needs.get(folder) ?? []).map((need) => this.#at.get(need) ?? 0),
    );
    this.#masks = reach(edges);
  }

  /** Folders of packages and of all that they are compiled after, sorted. */
  of(folders: readonly string[]): readonly string[] {
    let mask = 0n;
    const strangers: string[] = [];
    for (const folder of folders) {
      const known = this.#masks[this.#at.get(folder) ?? -1];
      if (known === undefined) strangers.push(folder);
      else mask |= known;
    }
    const bits = mask.toString(2);
    const found: string[] = [];
    for (const [at, folder] of this.#folders.entries())
      if (bits[bits.length - 1 - at] === '1') found.push(folder);
    // What only tests and examples need is compiled after nothing that is known here.
    return strangers.length === 0 ? found : [...found, ...strangers].sort();
  }
}

/** For each node the nodes that its edges lead to, directly or not, and itself. */
function reach(edges: readonly (readonly number[])[]): readonly bigint[] {
  const masks = edges.map((_, at) => 1n << BigInt(at));
  const order = afterWhatTheyLeadTo(edges);
  // In this order once is enough, and a second time shows it. What cargo allows has no cycles; what a cache holds might.
  for (let changed = true; changed; ) {
    changed = false;
    for (const at of order) {
      const before = masks[at] ?? 0n;
      const mask = (edges[at] ?? []).reduce((all, to) => all | (masks[to] ?? 0n), before);
      if (mask === before) continue;
      masks[at] = mask;
      changed = true;
    }
  }
  return masks;
}

/** Nodes, each after those that its edges lead to. */
function afterWhatTheyLeadTo(edges: readonly (readonly number[])[]): readonly number[] {
  const seen = new Set<number>();
  const order = new Set<number>();
  for (const start of edges.keys()) {
    const path = [start];
    for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
      seen.add(at);
      const next = edges[at]?.find((to) => !seen.has(to));
      if (next === undefined) order.add(path.pop() ?? at);
      else path.push(next);
    }
  }
  return [...order];
}
