import type { BuildRecord, PatchImage } from './artifacts';
import { localise, SAME_PATH } from './capture/same-path';
import type { Planned, RefusedChange } from './diff';
import type { LiveBuild } from './live-build';
import { refuse, roomFor } from './room';

/** An image, the engine's plan that it was made from, and what it takes. */
export interface Deliverable {
  readonly plan: { readonly id: number };
  readonly image: PatchImage;
  /** Bytes that the image takes in the window. */
  readonly memory: number;
  /** Bytes of the thread-local pool that are in use once this patch is live. */
  readonly tlsUsed: number;
}

export interface Linked extends Deliverable {
  readonly kind: 'linked';
  readonly plan: Planned;
}

/** Makes the patch image for the place in the window that is free next. */
export async function link(build: LiveBuild, plan: Planned): Promise<Linked | RefusedChange> {
  const host = await build.host;
  const abandon = async (refused: RefusedChange): Promise<RefusedChange> => {
    await host.abandon(plan.id);
    return refused;
  };

  const room = roomFor(build);
  if (room.kind === 'refused') return abandon(room);
  const { layout, patch, offset } = room;
  const { bytes, memory, tlsUsed, functions, notes, refused } = await host.link({
    plan: plan.id,
    patch,
    offset,
    libraries: layout.libraries,
    tls: { ...layout.tls, used: build.space.tlsUsed },
  });
  if (refused.length > 0) return abandon({ kind: 'refused', reasons: refused });
  if (build.space.offset + memory > layout.window.size) {
    const message = `the ${layout.window.size >> 20} MiB reserved for patches are used up`;
    return abandon(refuse('window-full', `patch ${patch}`, message));
  }
  localisePatch(bytes, build.record);
  const whole = { ...plan, functions, notes: [...plan.notes, ...notes] };
  return { kind: 'linked', plan: whole, image: { patch, bytes }, memory, tlsUsed };
}

/** Debug information names the sources as rustc saw them. */
export function localisePatch(bytes: Buffer, { crates }: BuildRecord): void {
  const folder = crates.find(({ samePath }) => samePath !== null)?.samePath;
  if (folder != null) localise(bytes, [[SAME_PATH, folder]]);
}
