import { spawn } from 'node:child_process';
import { Refusal } from '../refusal';
import { reachesTerminal, wantsColour } from '../terminal';
import { WholeLines } from './whole-lines';

export interface CargoEnd {
  readonly code: number;
  readonly stdout: string;
  /** Empty when it went to the terminal. */
  readonly stderr: string;
}

export interface CargoOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** What cargo is run by: a program with its arguments. */
  readonly through?: (command: readonly string[]) => readonly string[];
  /** `inherit`: progress and diagnostics go where ours go, to a terminal as cargo writes them, colour kept. */
  readonly stderr: 'inherit' | 'pipe';
  /** Takes what would go to the terminal. */
  readonly says?: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Runs cargo to its end.
 *
 * @throws Refusal `no-rust-toolchain` when there is no cargo, or rustup has none to offer
 * @throws the signal's reason when aborted; cargo and every rustc and linker below it are ended first
 */
export async function runCargo(args: readonly string[], options: CargoOptions): Promise<CargoEnd> {
  options.signal.throwIfAborted();
  const command = ['cargo', ...args];
  const [program = 'cargo', ...rest] = options.through?.(command) ?? command;
  // cargo writes a line in parts, and Nx makes a line of each part that comes through a pipe.
  const lines =
    options.stderr === 'inherit' && options.says === undefined && !process.stderr.isTTY
      ? new WholeLines((text) => process.stderr.write(text))
      : undefined;
  const cargo = spawn(program, rest, {
    cwd: options.cwd,
    env: options.env,
    stdio: ['ignore', 'pipe', lines || options.says ? 'pipe' : options.stderr],
    // A process group of its own: cargo does not end its rustc processes when it is ended.
    detached: true,
  });
  let stdout = '';
  let stderr = '';
  cargo.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  cargo.stderr?.setEncoding('utf8').on('data', (text: string) => {
    if (options.says) options.says(text);
    else if (lines) lines.add(text);
    else stderr += text;
  });
  const stop = () => endGroup(cargo.pid);
  options.signal.addEventListener('abort', stop, { once: true });
  try {
    const code = await new Promise<number>((resolve, reject) => {
      cargo.on('error', reject);
      cargo.on('close', (status) => resolve(status ?? 1));
    });
    options.signal.throwIfAborted();
    if (
      code !== 0 &&
      /rustup could not choose|toolchain .* is not installed|no default toolchain/.test(stderr)
    )
      throw noToolchain(stderr.trim());
    return { code, stdout, stderr };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw noToolchain('cargo is not in PATH');
    throw error;
  } finally {
    options.signal.removeEventListener('abort', stop);
    lines?.end();
  }
}

/** Variables by which cargo says to `says` what it would say to a terminal: with a bar, and colour where there is one. */
export function asOnTerminal({ CARGO_TERM_COLOR }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const colour = CARGO_TERM_COLOR === undefined && wantsColour(reachesTerminal());
  return {
    CARGO_TERM_PROGRESS_WHEN: 'always',
    CARGO_TERM_PROGRESS_WIDTH: '120',
    ...(colour && { CARGO_TERM_COLOR: 'always' }),
  };
}

function endGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // It ended by itself just now.
  }
}

function noToolchain(found: string): Refusal {
  return new Refusal([
    {
      code: 'no-rust-toolchain',
      subject: 'cargo',
      message: `No Rust toolchain can be used: ${found}.`,
      remedy: 'Install one from https://rustup.rs and start again.',
    },
  ]);
}
