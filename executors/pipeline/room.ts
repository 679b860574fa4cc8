import type { Reason } from './artifacts';
import type { RefusedChange } from './diff';
import type { LiveBuild } from './live-build';
import type { ProgramLayout } from './processes';

/** Where the next image will lie in every process. */
export interface Room {
  readonly kind: 'room';
  readonly layout: ProgramLayout;
  readonly patch: number;
  /** Of its first byte, relative to the host's load bias. */
  readonly offset: number;
}

export function roomFor(build: LiveBuild): Room | RefusedChange {
  const { layout } = build.processes;
  if (layout === undefined) return notConnected(build);
  const offset = layout.window.offset + build.space.offset;
  return { kind: 'room', layout, patch: build.space.nextPatch, offset };
}

export function notConnected({ record }: LiveBuild): RefusedChange {
  const message = 'no process of the program is connected to the session';
  return refuse('not-connected', record.image.path, message);
}

export function refuse(code: string, subject: string, message: string): RefusedChange {
  const reason: Reason = { code, subject, message, remedy: 'Restart the program.' };
  return { kind: 'refused', reasons: [reason] };
}
