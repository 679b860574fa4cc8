import { execFileSync } from 'node:child_process';

/** What the compiler says of itself. */
export interface Toolchain {
  readonly sysroot: string;
  /** All that `rustc -vV` prints. */
  readonly version: string;
}

/** @throws Error when there is no rustc */
export function readToolchain(cwd: string, env: NodeJS.ProcessEnv): Toolchain {
  const ask = (...args: readonly string[]) =>
    execFileSync(env.RUSTC ?? 'rustc', args, {
      cwd,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  return { sysroot: ask('--print', 'sysroot').trim(), version: ask('-vV') };
}
