import { performance } from 'node:perf_hooks';
import type { Acknowledgement, PatchedFunction } from '../pipeline/artifacts';
import type { PatchedOutcome } from '../pipeline/pipeline';
import type { TakenBack } from '../pipeline/undo';
import type { BusyFunction, PatchedEvent, UndoneEvent } from './events';

/** @param savedAt `performance.now()` at the file-change notification */
export function patchedEvent(outcome: PatchedOutcome, savedAt: number): PatchedEvent {
  const { plan, image, acknowledgements, ms } = outcome;
  return {
    event: 'patched',
    patch: image.patch,
    pids: acknowledgements.map(({ pid }) => pid),
    functions: plan.functions,
    busy: busyFunctions(acknowledgements, plan.functions),
    bytes: image.bytes.length,
    ms: {
      ...ms,
      load: Math.max(...acknowledgements.map((each) => each.ms.load)),
      apply: Math.max(...acknowledgements.map((each) => each.ms.apply)),
      total: outcome.at - savedAt,
    },
    pauseUs: longestPause(acknowledgements),
    notes: plan.notes,
  };
}

/** @param askedAt `performance.now()` at the request */
export function undoneEvent(outcome: TakenBack, askedAt: number): UndoneEvent {
  const { patches, functions, acknowledgements } = outcome;
  return {
    event: 'undone',
    patches,
    pids: acknowledgements.map(({ pid }) => pid),
    functions,
    busy: busyFunctions(acknowledgements, functions),
    ms: performance.now() - askedAt,
    pauseUs: longestPause(acknowledgements),
  };
}

function busyFunctions(
  acknowledgements: readonly Acknowledgement[],
  functions: readonly PatchedFunction[],
): readonly BusyFunction[] {
  const names = new Map(functions.map(({ symbol, name }) => [symbol, name]));
  const found = new Map<string, BusyFunction>();
  for (const { pid, busy } of acknowledgements) {
    for (const { symbol, threads } of busy) {
      // A function has an entry for each of its versions, and threads may be in several of them.
      const key = `${pid} ${symbol}`;
      const before = found.get(key)?.threads ?? [];
      const all = [...new Set([...before, ...threads])];
      found.set(key, { name: names.get(symbol) ?? symbol, symbol, pid, threads: all });
    }
  }
  return [...found.values()];
}

function longestPause(acknowledgements: readonly Acknowledgement[]): number {
  return Math.max(0, ...acknowledgements.map(({ pauseUs }) => pauseUs));
}
