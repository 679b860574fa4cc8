import type { CrashedEvent, CrashFrame } from '../events';
import type { Paint, Subject } from './lines';

/** So many frames are shown; the folder has all of them. */
const FRAMES = 12;

export function crashLines(event: CrashedEvent, { name }: Subject, paint: Paint): readonly string[] {
  const { pid, signal, thread, address, frames, folder, reproduce } = event;
  const who = thread === null ? '' : ` in thread \`${thread}\``;
  const where = address === null ? '' : ` at ${address}`;
  const hidden = frames.length - FRAMES;
  return [
    `${paint.bad('✗')} ${name} (pid ${pid}) crashed: ${signal}${where}${who}`,
    `  ${verdict(event)}`,
    ...(frames.length > 1 ? [`    ${paint.dim('? marks what the stack suggests')}`] : []),
    ...frames.slice(0, FRAMES).map((frame) => `    ${line(frame, paint)}`),
    ...(hidden > 0 ? [`    ${paint.dim(`… ${hidden} more in the folder below`)}`] : []),
    ...(folder === null ? [] : [`  kept in ${folder}`]),
    ...(reproduce === null ? [] : [`  again: ${reproduce}`]),
  ];
}

function verdict({ where, patch, function: name }: CrashedEvent): string {
  switch (where) {
    case 'in-patch':
      return `in ${name ?? 'code'} of patch ${patch}`;
    case 'under-patch':
      return `in code of the build that was called, as far as the stack tells, from ${name ?? 'code'} of patch ${patch}`;
    case 'program':
      return 'in code of the build; no code of a patch is on the stack';
    case 'unknown':
      return 'the process left no word of where it was: it was killed from outside, or in its first moment';
  }
}

function line({ address, function: name, offset, patch, at, certain }: CrashFrame, paint: Paint): string {
  const what =
    name === null ? 'outside of the program and its patches' : `${name}+0x${(offset ?? 0).toString(16)}`;
  const whose = patch === null ? '' : ` [patch ${patch}]`;
  return `${paint.dim(`${certain ? ' ' : '?'} ${address}`)} ${what}${whose}${at === null ? '' : `  ${paint.dim(at)}`}`;
}
