import { isForeground } from './terminal';

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
    // Ctrl-C sends SIGINT to the whole foreground group, so the program, which is in our group, has it already; a
    // second one would be taken by many programs as "at once".
    const listener = () => ask({ signal, delivered: signal === 'SIGINT' && isForeground() });
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
