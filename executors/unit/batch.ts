import { availableParallelism } from 'node:os';
import type { ExecutorContext } from '@nx/devkit';
import { engine } from '../../native/addon';
import { batchExecutor } from '../tasks/batch-executor';
import { failed, succeeded, type TaskEnd } from '../tasks/batch-results';
import { nothingToDo } from '../tasks/other-profile';
import { type SlotUnit, takeIndexes, type UnitOptions, unitsOf } from './slot';

interface Slot {
  readonly task: string;
  readonly options: UnitOptions;
  readonly units: readonly SlotUnit[];
}

/** Indexes the units of any number of slots, in as many calls of the engine as there are cores. */
export async function* unit(
  options: Readonly<Record<string, UnitOptions>>,
  { root, ...context }: Pick<ExecutorContext, 'root' | 'taskGraph' | 'projectGraph'>,
): AsyncGenerator<TaskEnd> {
  const began = Date.now();
  if (nothingToDo(context) !== undefined) {
    for (const task of Object.keys(options)) yield succeeded(task, began);
    return;
  }
  const slots: Slot[] = [];
  for (const [task, each] of Object.entries(options)) {
    try {
      slots.push({ task, options: each, units: await unitsOf(each, root) });
    } catch (error) {
      yield failed(task, began, error);
    }
  }
  const indexed = await Promise.allSettled(inShares(slots).map(index));
  const all = indexed.every(({ status }) => status === 'fulfilled');
  for (const slot of slots) {
    try {
      // The engine ends a call at the first object that it cannot read: then each slot finds out for itself.
      if (!all) await index([slot]);
      await takeIndexes(slot.options, root, slot.units);
      yield succeeded(slot.task, began);
    } catch (error) {
      yield failed(slot.task, began, error);
    }
  }
}

async function index(slots: readonly Slot[]): Promise<void> {
  const units = slots.flatMap((slot) => slot.units.map(({ object }) => object));
  if (units.length > 0) await engine().call({ op: 'index', units });
}

/** The slots dealt out to the cores. */
function inShares(slots: readonly Slot[]): readonly (readonly Slot[])[] {
  const cores = availableParallelism();
  return Array.from({ length: cores }, (_, core) => slots.filter((_slot, at) => at % cores === core));
}

export default batchExecutor(unit);
