import type { Reason } from '../../pipeline/artifacts';
import { Refusal } from '../../pipeline/refusal';
import { LoaderServer } from '../loader-connection/server';
import { Child, type ChildExit } from '../program/child';
import { type Death, Deaths } from '../program/deaths';
import { onShutdown } from '../shutdown';
import type { Reproducible } from './evidence';

/** The loader reports within milliseconds. */
const HELLO_MS = 10_000;

export interface Reproduction {
  readonly pid: number;
  readonly exit: ChildExit;
  /** When a signal ended it. */
  readonly death: Death | undefined;
}

/**
 * Starts the image of a crash, held before `main`, gives it the patches that it had, in order, and lets it run. The
 * patches came at other times then, between one input and the next: what depends on that is not reproduced.
 *
 * @throws Refusal when a patch cannot be applied again
 */
export async function reproduce(evidence: Reproducible, version: string): Promise<Reproduction> {
  const { program, patches } = evidence;
  const greeted = greeting();
  let death: Death | undefined;
  const deaths = new Deaths(async (found) => {
    death ??= found;
  });
  let first = 0;
  let going = false;
  const server = await LoaderServer.listen(
    { buildId: program.buildId, version },
    {
      joined: ({ pid, held }) => {
        greeted.met(pid);
        // A process that it starts from the same image finds the same environment, and is given the patches already.
        if (going && held) server.release(pid);
      },
      refused: (_pid, reasons) => greeted.refused(reasons),
      gone: (departed) => deaths.departed(departed, departed.hello.pid === first),
    },
  );
  try {
    const child = await Child.start({
      file: evidence.image,
      args: program.args,
      cwd: program.cwd,
      env: { ...process.env, ...program.env, ...server.environment, NX_HOTPATCH_HOLD: '1' },
      input: 'inherit',
    });
    first = child.pid;
    const unlisten = onShutdown(({ signal, delivered }) => {
      if (!delivered) child.signal(signal);
    });
    try {
      await greeted.by(child, HELLO_MS);
      for (const kept of patches) await give(server, kept.patch, evidence.patchBytes(kept));
      going = true;
      server.release(child.pid);
      const exit = await child.exited;
      await deaths.exited(exit, child.pid, server, { byUs: false });
      return { pid: child.pid, exit, death };
    } finally {
      child.signal('SIGKILL');
      unlisten();
    }
  } finally {
    await server.close();
  }
}

async function give(server: LoaderServer, patch: number, bytes: Buffer): Promise<void> {
  const image = { patch, bytes };
  const outcomes = await Promise.all(server.deliver(image).map(({ outcome }) => outcome));
  const reasons = outcomes.flatMap((outcome) => (outcome.kind === 'refused' ? outcome.reasons : []));
  if (isFilled(reasons)) throw new Refusal(reasons);
  server.keep(image);
}

function isFilled(reasons: readonly Reason[]): reasons is readonly [Reason, ...Reason[]] {
  return reasons.length > 0;
}

/** Waits for the loader of the process that was started; it ends early when that process does. */
function greeting() {
  const pids = new Set<number>();
  let refusal: readonly Reason[] = [];
  let wake = () => {};
  return {
    met: (pid: number) => {
      pids.add(pid);
      wake();
    },
    refused: (reasons: readonly Reason[]) => {
      refusal = reasons;
      wake();
    },
    by: async (child: Child, ms: number) => {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        wake();
      }, ms);
      void child.exited.then(() => wake());
      while (child.running && !late && refusal.length === 0 && !pids.has(child.pid)) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      clearTimeout(timer);
      if (isFilled(refusal)) throw new Refusal(refusal);
      if (child.running && !pids.has(child.pid)) {
        throw new Error(
          `the loader of ${child.pid} did not report within ${ms / 1000} s: start it by this version.`,
        );
      }
    },
  };
}
