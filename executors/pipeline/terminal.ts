import { readlinkSync } from 'node:fs';

/**
 * Whether what we print reaches a terminal. Nx gives a continuous task and a batch a pipe and prints what comes out of it on
 * its own standard error, and sets FORCE_COLOR also when that is a pipe; so its end of the pipe is what counts.
 */
export function reachesTerminal(): boolean {
  if (process.stderr.isTTY) return true;
  if (process.env.NX_FORKED_TASK_EXECUTOR !== 'true') return false;
  try {
    return /^\/dev\/(?:pts\/|tty)/.test(readlinkSync(`/proc/${process.ppid}/fd/2`));
  } catch {
    return false;
  }
}

/** Colour on a terminal only, and not when NO_COLOR is set to anything but nothing (https://no-color.org). */
export function wantsColour(
  terminal: boolean,
  env: Readonly<Record<string, string | undefined>> = process.env,
): boolean {
  return terminal && !env.NO_COLOR;
}
