import { performance } from 'node:perf_hooks';
import type { Acknowledgement, PatchImage, Reason } from './artifacts';
import type { Planned, RefusedChange } from './diff';
import type { Deliverable, Linked } from './link';
import type { LiveBuild } from './live-build';
import type { Loading } from './load';
import { ofTypes } from './old-values';

export interface Patched {
  readonly kind: 'patched';
  readonly plan: Planned;
  readonly image: PatchImage;
  readonly acknowledgements: readonly Acknowledgement[];
  /** `performance.now()` at the last process's acknowledgement. */
  readonly at: number;
}

/**
 * Waits until every process has said that its functions are redirected. All have the patch or none: when one refuses,
 * the others take theirs back. A process that ends meanwhile does not count.
 */
export async function apply(build: LiveBuild, loading: Loading<Linked>): Promise<Patched | RefusedChange> {
  const { plan, image } = loading.linked;
  const agreed = await agree(build, loading);
  if (agreed.kind === 'refused') return { ...agreed, reasons: ofTypes(agreed.reasons, plan.layouts) };
  build.accept(plan.compiled);
  return { ...agreed, kind: 'patched', plan, image };
}

/** Every process has it, and so has the engine. */
export interface Agreed {
  readonly kind: 'agreed';
  readonly acknowledgements: readonly Acknowledgement[];
  /** `performance.now()` at the last process's acknowledgement. */
  readonly at: number;
}

/** The part of **apply** that is the same for a change and for taking one back. */
export async function agree(
  build: LiveBuild,
  { linked, deliveries }: Loading<Deliverable>,
): Promise<Agreed | RefusedChange> {
  const { plan, image } = linked;
  const host = await build.host;
  const answers = await Promise.all(
    deliveries.map(async (delivery) => ({ delivery, outcome: await delivery.outcome })),
  );

  const at = performance.now();

  const acknowledgements: Acknowledgement[] = [];
  const reasons: Reason[] = [];
  for (const { outcome } of answers) {
    if (outcome.kind === 'applied') acknowledgements.push(outcome.acknowledgement);
    if (outcome.kind === 'refused') reasons.push(...outcome.reasons);
  }

  if (reasons.length > 0) {
    await Promise.all(answers.map(({ delivery, outcome }) => outcome.kind === 'applied' && delivery.undo()));
    await host.abandon(plan.id);
    return { kind: 'refused', reasons };
  }
  if (acknowledgements.length === 0) {
    await host.abandon(plan.id);
    return { kind: 'refused', reasons: [allGone(build)] };
  }
  build.processes.keep(image);
  await host.commit(plan.id);
  return { kind: 'agreed', acknowledgements, at };
}

function allGone(build: LiveBuild): Reason {
  return {
    code: 'not-connected',
    subject: build.record.image.path,
    message: 'every process of the program ended or closed its connection before the patch was applied',
    remedy: 'Restart the program.',
  };
}
