import { join } from 'node:path';
import type { CompileResult, PatchPlan, Reason, UnitSet } from './artifacts';
import type { ChangedUnit } from './engine';
import type { LiveBuild } from './live-build';
import { ofSeveral } from './old-values';
import { notConnected } from './room';

export interface Planned extends PatchPlan {
  readonly kind: 'planned';
  /** The engine's number for the plan. */
  readonly id: number;
  /** What the plan was made from. */
  readonly compiled: CompileResult;
}
export interface Unchanged {
  readonly kind: 'unchanged';
  readonly notes: readonly string[];
}
export interface RefusedChange {
  readonly kind: 'refused';
  readonly reasons: readonly Reason[];
}

/** Finds which functions and data of the running program the compiled units change. */
export async function diff(
  build: LiveBuild,
  compiled: CompileResult,
): Promise<Planned | Unchanged | RefusedChange> {
  const changed = compiled.units.flatMap(changedUnits);
  if (changed.length === 0) return { kind: 'unchanged', notes: [] };

  const host = await build.host;
  const { layout } = build.processes;
  // What is known of a program from its file is known of a library from a process that has loaded it.
  if (layout === undefined && build.record.image.shared) return notConnected(build);
  const { plan, ...found } = await host.diff(changed, layout?.tls.image);
  const refused = [...found.refused, ...ofSeveral(build.processes.pids, found.layouts)];
  if (refused.length > 0) {
    await host.abandon(plan);
    return { kind: 'refused', reasons: refused };
  }
  // Types that are laid out otherwise are looked for in the process; until then the units that have them come again.
  if (found.functions.length === 0 && found.writes === 0 && found.layouts.length === 0) {
    await host.commit(plan);
    build.accept(compiled);
    return { kind: 'unchanged', notes: found.notes };
  }
  const redirected = found.functions.some(({ change }) => change === 'changed' || change === 'restored');
  if (found.writes === 0 && !redirected) {
    // Functions came or went, but nothing that runs calls them. Their units come again with the change that does.
    await host.abandon(plan);
    return { kind: 'unchanged', notes: found.notes };
  }
  return { kind: 'planned', id: plan, compiled, ...found };
}

function changedUnits({ crate, folder, changed, gone }: UnitSet): readonly ChangedUnit[] {
  return [
    ...changed.map((unit) => ({ crate, unit, path: join(folder, `${unit}.o`) })),
    ...gone.map((unit) => ({ crate, unit, path: null })),
  ];
}
