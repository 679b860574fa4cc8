import type { PatchImage } from './artifacts';
import type { Planned, RefusedChange } from './diff';
import type { LiveBuild } from './live-build';

export interface Linked {
  readonly kind: 'linked';
  readonly plan: Planned;
  readonly image: PatchImage;
  /** Bytes that the image takes in the window. */
  readonly memory: number;
  /** Bytes of the thread-local pool that are in use once this patch is live. */
  readonly tlsUsed: number;
}

/** Makes the patch image for the place in the window that is free next. */
export async function link(build: LiveBuild, plan: Planned): Promise<Linked | RefusedChange> {
  const host = await build.host;
  const refuse = async (code: string, subject: string, message: string): Promise<RefusedChange> => {
    await host.abandon(plan.id);
    return { kind: 'refused', reasons: [{ code, subject, message, remedy: 'Restart the program.' }] };
  };

  const { layout } = build.processes;
  if (layout === undefined) {
    return refuse(
      'not-connected',
      build.record.image.path,
      'no process of the program is connected to the session',
    );
  }
  const patch = build.space.nextPatch;
  const { bytes, memory, tlsUsed, functions, refused } = await host.link({
    plan: plan.id,
    patch,
    offset: layout.window.offset + build.space.offset,
    libraries: layout.libraries,
    tls: { ...layout.tls, used: build.space.tlsUsed },
  });
  if (refused.length > 0) {
    await host.abandon(plan.id);
    return { kind: 'refused', reasons: refused };
  }
  if (build.space.offset + memory > layout.window.size) {
    return refuse(
      'window-full',
      `patch ${patch}`,
      `the ${layout.window.size >> 20} MiB reserved for patches are used up`,
    );
  }
  return { kind: 'linked', plan: { ...plan, functions }, image: { patch, bytes }, memory, tlsUsed };
}
