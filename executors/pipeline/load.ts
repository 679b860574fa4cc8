import type { Linked } from './link';
import type { LiveBuild } from './live-build';
import type { Delivery } from './processes';

export interface Loading {
  readonly linked: Linked;
  readonly deliveries: readonly Delivery[];
}

/**
 * Hands the image to every process. Each loader maps, relocates and verifies it with no visible effect, and goes on
 * to apply it in the same exchange; its answer is waited for by **apply**.
 */
export async function load(build: LiveBuild, linked: Linked): Promise<Loading> {
  const deliveries = build.processes.deliver(linked.image);
  build.space.take(linked.memory, linked.tlsUsed);
  return { linked, deliveries };
}
