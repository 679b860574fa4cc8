import type { Deliverable } from './link';
import type { LiveBuild } from './live-build';
import type { Delivery } from './processes';

export interface Loading<What extends Deliverable> {
  readonly linked: What;
  readonly deliveries: readonly Delivery[];
}

/**
 * Hands the image to every process. Each loader maps, relocates and verifies it with no visible effect, and goes on
 * to apply it in the same exchange; its answer is waited for by **apply**.
 */
export async function load<What extends Deliverable>(build: LiveBuild, linked: What): Promise<Loading<What>> {
  const deliveries = build.processes.deliver(linked.image);
  build.space.take(linked.memory, linked.tlsUsed);
  return { linked, deliveries };
}
