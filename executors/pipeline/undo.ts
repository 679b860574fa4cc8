import { performance } from 'node:perf_hooks';
import { agree } from './apply';
import type { Acknowledgement, PatchedFunction } from './artifacts';
import type { RefusedChange } from './diff';
import type { LiveBuild } from './live-build';
import { load } from './load';
import { roomFor } from './room';

export interface TakenBack {
  readonly kind: 'taken-back';
  /** The newest first: the one that was asked for, and the later ones that build on it. */
  readonly patches: readonly number[];
  /** Functions that run older code again. */
  readonly functions: readonly PatchedFunction[];
  readonly acknowledgements: readonly Acknowledgement[];
  /** `performance.now()` at the last process's acknowledgement. */
  readonly at: number;
  /** Wall time in milliseconds, from the call to that moment. */
  readonly ms: number;
}

/**
 * Takes a live patch back, and with it the later ones that build on it, in one step and in every process. It is a
 * patch itself, whose image says what each entry leads to again. The sources stay as they are: what they hold comes
 * with the next compile.
 */
export async function undo(build: LiveBuild, target: number | 'newest'): Promise<TakenBack | RefusedChange> {
  const started = performance.now();
  const host = await build.host;
  const room = roomFor(build);
  if (room.kind === 'refused') return room;

  const { patch } = room;
  const { plan, bytes, refused, ...found } = await host.undo({ target, patch, offset: room.offset });
  if (refused.length > 0) return { kind: 'refused', reasons: refused };

  const linked = {
    plan: { id: plan },
    image: { patch, bytes },
    memory: found.memory,
    tlsUsed: build.space.tlsUsed,
  };
  const agreed = await agree(build, await load(build, linked));
  if (agreed.kind === 'refused') return agreed;
  build.withdraw(found.units);
  const { acknowledgements, at } = agreed;
  const { patches, functions } = found;
  return { kind: 'taken-back', patches, functions, acknowledgements, at, ms: at - started };
}
