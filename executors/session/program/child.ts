import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';

export interface ChildRequest {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `ignore`: it finds its standard input at its end, because the session reads the terminal. */
  readonly input: 'inherit' | 'ignore';
}

/** How a process ended: one of the two is null. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * The program's process. Its standard streams are the session's own, so that not a byte passes through us, and it stays
 * in our process group: in a group of its own it could not read from the terminal (it would be stopped by SIGTTIN).
 */
export class Child {
  readonly exited: Promise<ChildExit>;
  #running = true;

  private constructor(private readonly process: ChildProcess) {
    this.exited = new Promise((resolve) => {
      process.once('exit', (code, signal) => {
        this.#running = false;
        resolve({ code, signal });
      });
    });
  }

  /** @throws Error with one sentence when the system cannot start the file. */
  static async start({ file, args, cwd, env, input }: ChildRequest): Promise<Child> {
    const spawned = spawn(file, args, { cwd, env, stdio: [input, 'inherit', 'inherit'] });
    const child = new Child(spawned);
    await new Promise<void>((resolve, reject) => {
      spawned.once('spawn', resolve);
      spawned.once('error', (error) => {
        // ENOENT is also what a missing working folder gives.
        reject(
          new Error(`${file} does not start in ${cwd} (${error.message}): check that both exist.`, {
            cause: error,
          }),
        );
      });
    });
    return child;
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  get running(): boolean {
    return this.#running;
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#running) this.process.kill(signal);
  }

  /** Waits for the exit, and after `graceMs` makes it certain with SIGKILL. */
  async ended(graceMs: number): Promise<ChildExit> {
    const timer = setTimeout(() => this.signal('SIGKILL'), graceMs);
    try {
      return await this.exited;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The code a shell gives for it: 128 + n for signal n. */
export function exitCode({
  code,
  signal,
}: {
  readonly code: number | null;
  readonly signal: string | null;
}): number {
  if (code !== null) return code;
  return 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
}
