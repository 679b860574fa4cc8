import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { samePathProgram } from '../../../native/addon';
import type { CrateRecord, Diagnostic } from '../artifacts';
import { openOutDir, withDescriptor } from '../capture/out-dir';
import { atSamePath, environmentAtSamePath, librariesAtSamePath } from '../capture/same-path';
import { errorOf, readDiagnostics } from './diagnostics';

export interface RustcEnd {
  readonly ok: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Runs rustc to its end, without cargo; its outputs go to `outDir`.
 *
 * When aborted it is killed together with whatever a wrapper of the user started. That leaves every artifact whole:
 * rustc writes its outputs under other names and renames them, and an unfinished incremental session is never read.
 *
 * @throws the signal's reason when aborted
 */
export async function runRustc(
  record: CrateRecord,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  outDir: string,
  mountpoint: string,
  signal: AbortSignal,
): Promise<RustcEnd> {
  signal.throwIfAborted();
  const command = [...(record.wrapper === null ? [] : [record.wrapper]), record.rustc];
  const folder = record.samePath;
  const [program = record.rustc, ...rest] =
    folder === null
      ? [...command, ...args]
      : atSamePath({ program: samePathProgram(), folder, mountpoint }, [
          ...command,
          ...librariesAtSamePath(args, folder),
        ]);
  const descriptor = openOutDir(outDir);
  // Not by execa: it takes some milliseconds, and this is the hot path.
  const rustc = spawn(program, rest, {
    cwd: record.cwd,
    env: folder === null ? env : environmentAtSamePath(env, folder),
    stdio: withDescriptor(['ignore', 'ignore', 'pipe'], descriptor),
    detached: true,
  });
  closeSync(descriptor);
  let stderr = '';
  rustc.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const kill = () => {
    if (rustc.pid !== undefined) killGroup(rustc.pid);
  };
  signal.addEventListener('abort', kill, { once: true });
  const status = await new Promise<number | NodeJS.Signals | Error>((resolve) => {
    rustc.on('error', resolve);
    rustc.on('close', (code, killedBy) => resolve(code ?? killedBy ?? 1));
  });
  signal.removeEventListener('abort', kill);
  signal.throwIfAborted();
  const diagnostics = readDiagnostics(stderr, record.cwd);
  if (status === 0) return { ok: true, diagnostics };
  const said = diagnostics.some(({ level }) => level.startsWith('error'));
  return {
    ok: false,
    diagnostics: said ? diagnostics : [...diagnostics, errorOf(unexplained(record, status))],
  };
}

function unexplained(record: CrateRecord, status: number | NodeJS.Signals | Error): string {
  if (status instanceof Error) return `rustc for ${record.name} did not start: ${status.message}`;
  return `rustc for ${record.name} ended with ${status} and said no reason`;
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // It ended by itself just now.
  }
}
