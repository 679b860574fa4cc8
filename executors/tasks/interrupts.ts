/** Aborts when Nx, or the terminal, asks this process to end, so that cargo and its rustc end with it. */
export function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => controller.abort(new Error(`It was interrupted (${name}).`)));
  }
  return controller.signal;
}
