import type { PatchStatus, StatusEvent } from '../events';
import type { Paint, Subject } from './lines';

/** So many patches are listed one by one; a session can have made thousands. */
const LISTED = 12;
/** So many functions of a patch are named. */
const NAMES = 3;

export function statusLines(event: StatusEvent, { name }: Subject, paint: Paint): readonly string[] {
  const { patches, live, bytes, pids } = event;
  const where = pids.length === 1 ? `pid ${pids[0]}` : `${pids.length} processes: ${pids.join(', ')}`;
  const total = patches.length === 1 ? '1 patch' : `${patches.length} patches`;
  const head =
    patches.length === 0
      ? `${name} (${where}) runs as it was built: no patches`
      : `${name} (${where}): ${total}, ${live} live, ${size(bytes)}`;
  const hidden = patches.length - LISTED;
  return [
    `${paint.good('·')} ${head}`,
    ...(hidden > 0 ? [`  ${paint.dim(`… ${hidden} earlier`)}`] : []),
    ...patches.slice(-LISTED).map((patch) => `  ${line(patch, paint)}`),
    ...(event.pending ? [`  ${paint.dim('the sources are ahead of what runs')}`] : []),
  ];
}

function line({ patch, state, functions, bytes, keptBy }: PatchStatus, paint: Paint): string {
  const shown = functions.slice(0, NAMES).join(', ');
  const more = functions.length - NAMES;
  const names = functions.length === 0 ? 'constants' : more > 0 ? `${shown} and ${more} more` : shown;
  const said = state === 'taken-back' ? 'taken back' : state;
  const kept = keptBy === null ? '' : `, kept: ${keptBy}`;
  const text = `patch ${patch}  ${said}${kept}  ${size(bytes)}  ${names}`;
  return state === 'live' ? text : paint.dim(text);
}

/** `patch 3`, `patches 3, 4 and 5`, `patches 1 to 9`. */
export function patchList(patches: readonly number[]): string {
  const sorted = [...patches].sort((a, b) => a - b);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return 'no patch';
  if (sorted.length === 1) return `patch ${first}`;
  if (sorted.length > 2 && last - first === sorted.length - 1) return `patches ${first} to ${last}`;
  return `patches ${sorted.slice(0, -1).join(', ')} and ${last}`;
}

/** Bytes as people read them. */
export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const kib = bytes / 1024;
  return kib < 1024 ? `${Math.round(kib)} KiB` : `${(kib / 1024).toFixed(1)} MiB`;
}
