/**
 * Runs `step` for every id after it was run for all ids that it depends on, several at a time where they are
 * independent of each other. After a step that gives false, what depends on it is left out.
 *
 * @param dependencies of an id; those that are not among `ids` do not count
 * @param width how many steps may run at a time
 */
export async function inDependencyOrder(
  ids: readonly string[],
  dependencies: (id: string) => readonly string[],
  width: number,
  step: (id: string) => Promise<boolean>,
): Promise<void> {
  const outcomes = new Map<string, Promise<boolean>>();
  const limited = limit(width, step);
  const outcome = (id: string): Promise<boolean> => {
    const known = outcomes.get(id);
    if (known) return known;
    const before = dependencies(id).filter((dependency) => ids.includes(dependency));
    const run = Promise.all(before.map(outcome)).then((done) => done.every(Boolean) && limited(id));
    outcomes.set(id, run);
    return run;
  };
  // Wait for all, also when one throws: a step that still runs must not outlive this call.
  const ends = await Promise.allSettled(ids.map(outcome));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

function limit<Result>(width: number, step: (id: string) => Promise<Result>) {
  let free = width;
  const waiting: (() => void)[] = [];
  return async (id: string): Promise<Result> => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free--;
    try {
      return await step(id);
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
