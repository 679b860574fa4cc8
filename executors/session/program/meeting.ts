import type { Reason } from '../../pipeline/artifacts';

/**
 * Waits for the loader of one process among all that may connect: of the program that was started, or of whichever
 * process loads the library first.
 */
export function meeting(anyone: boolean) {
  const greeted = new Set<number>();
  let refusal: readonly Reason[] | undefined;
  let main: number | undefined;
  let settle: (() => void) | undefined;
  const isThere = (pid: number) => (anyone ? greeted.size > 0 : greeted.has(pid));
  return {
    hello(pid: number): void {
      greeted.add(pid);
      if (anyone || pid === main) settle?.();
    },
    /** True when the refusal concerns the process that is waited for. An unknown pid can only be that of the first. */
    refuse(pid: number | undefined, reasons: readonly Reason[]): boolean {
      if (main !== undefined && settle === undefined) return false;
      if (!anyone && pid !== undefined && main !== undefined && pid !== main) return false;
      refusal = reasons;
      settle?.();
      return true;
    },
    /** @param ms how long; for ever when undefined */
    async by(pid: number, ms: number | undefined): Promise<readonly Reason[]> {
      main = pid;
      if (!isThere(pid) && refusal === undefined) {
        let timer: NodeJS.Timeout | undefined;
        await new Promise<void>((resolve) => {
          settle = resolve;
          if (ms !== undefined) timer = setTimeout(resolve, ms).unref();
        });
        clearTimeout(timer);
      }
      settle = undefined;
      if (isThere(pid)) return [];
      return refusal ?? [silent(pid, ms ?? 0)];
    },
  };
}

function silent(pid: number, ms: number): Reason {
  return {
    code: 'not-connected',
    subject: `process ${pid}`,
    message: `process ${pid} has not connected to the session within ${ms / 1000} s, so it cannot be patched`,
    remedy: 'Build it again: the next save does that and restarts it.',
  };
}
