import type { PatchPlan, Reason } from './artifacts';
import type { LiveBuild } from './live-build';

export interface Planned extends PatchPlan {
  readonly kind: 'planned';
  /** The engine's number for the plan. */
  readonly id: number;
}
export interface Unchanged {
  readonly kind: 'unchanged';
  readonly notes: readonly string[];
}
export interface RefusedChange {
  readonly kind: 'refused';
  readonly reasons: readonly Reason[];
}

/** Finds which functions and data of the running program the pending units change. */
export async function diff(build: LiveBuild): Promise<Planned | Unchanged | RefusedChange> {
  const changed = build.pending.all;
  if (changed.length === 0) return { kind: 'unchanged', notes: [] };

  const host = await build.host;
  const { plan, ...found } = await host.diff(changed);
  if (found.refused.length > 0) {
    await host.abandon(plan);
    return { kind: 'refused', reasons: found.refused };
  }
  if (found.functions.length === 0 && found.writes === 0) {
    await host.commit(plan);
    build.pending.clear();
    return { kind: 'unchanged', notes: found.notes };
  }
  if (found.writes === 0 && !found.functions.some(({ change }) => change === 'changed')) {
    // Functions came or went, but nothing that runs calls them. They stay pending for the change that will.
    await host.abandon(plan);
    return { kind: 'unchanged', notes: found.notes };
  }
  return { kind: 'planned', id: plan, ...found };
}
