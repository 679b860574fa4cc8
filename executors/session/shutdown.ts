import { readFileSync } from 'node:fs';

/** Someone wants the session to end. */
export interface ShutdownRequest {
  readonly signal: NodeJS.Signals;
  /** The program has got the same signal already. */
  readonly delivered: boolean;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Listens for what ends a session from outside: a signal, or the end of the Nx process that started it. That one can
 * be killed without a word, and Node cannot ask the kernel for a signal then (PR_SET_PDEATHSIG); but Nx starts
 * executors with an IPC channel, and the kernel closes it.
 *
 * @returns stops listening.
 */
export function onShutdown(ask: (request: ShutdownRequest) => void): () => void {
  const listeners = SIGNALS.map((signal) => {
    const listener = () => ask({ signal, delivered: signal === 'SIGINT' && isTerminalForeground() });
    process.on(signal, listener);
    return [signal, listener] as const;
  });
  const orphaned = () => ask({ signal: 'SIGTERM', delivered: false });
  process.on('disconnect', orphaned);
  return () => {
    for (const [signal, listener] of listeners) process.off(signal, listener);
    process.off('disconnect', orphaned);
  };
}

/**
 * Whether we belong to the foreground group of a terminal. Ctrl-C there sends SIGINT to the whole group, so the program,
 * which is in our group, has it already; a second one would be taken by many programs as "at once".
 */
function isTerminalForeground(): boolean {
  try {
    return isForeground(readFileSync('/proc/self/stat', 'utf8'));
  } catch {
    return false;
  }
}

/** proc_pid_stat(5): after the name in parentheses come state, ppid, pgrp, session, tty_nr, tpgid. */
export function isForeground(stat: string): boolean {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [, , group, , terminal, foreground] = fields;
  return terminal !== '0' && group === foreground;
}
