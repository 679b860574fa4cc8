import type { Reason } from './artifacts';

/** The loader's code for a process that has, or may have, values of a layout that the patch does away with. */
const CODE = 'old-values';

/**
 * What a loader has found, said of the types that the user changed: where a value of the old layout may be is a part of the
 * reason why the layout must not change now.
 *
 * @param layouts the reasons of the plan, one for each type
 */
export function ofTypes(reasons: readonly Reason[], layouts: readonly Reason[]): readonly Reason[] {
  const [found] = reasons.filter(({ code }) => code === CODE);
  if (found === undefined || layouts.length === 0) return reasons;
  const others = reasons.filter(({ code }) => code !== CODE);
  const told = layouts.map((reason) => ({ ...reason, message: `${reason.message} ${found.message}` }));
  return [...told, ...others];
}

/** Several processes cannot agree at one moment that none of them has an old value. */
export function ofSeveral(pids: readonly number[], layouts: readonly Reason[]): readonly Reason[] {
  if (pids.length < 2 || layouts.length === 0) return [];
  const why = `The program has ${pids.length} processes, which cannot be looked at in one moment.`;
  return layouts.map((reason) => ({ ...reason, message: `${reason.message} ${why}` }));
}
