import { readFileSync, readlinkSync } from 'node:fs';

/**
 * Whether what we print reaches a terminal. Nx gives a continuous task a pipe and prints what comes out of it on its
 * own standard error, and sets FORCE_COLOR also when that is a pipe; so its end of the pipe is what counts.
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

/** Whether we belong to the foreground group of a terminal: the one that Ctrl-C reaches and that may read from it. */
export function isForeground(): boolean {
  try {
    return isForegroundStat(readFileSync('/proc/self/stat', 'utf8'));
  } catch {
    return false;
  }
}

/** proc_pid_stat(5): after the name in parentheses come state, ppid, pgrp, session, tty_nr, tpgid. */
export function isForegroundStat(stat: string): boolean {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [, , group, , terminal, foreground] = fields;
  return terminal !== '0' && group === foreground;
}
