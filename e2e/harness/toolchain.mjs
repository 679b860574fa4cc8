/** The Rust compiler that everything below this process uses: another than the user's default, when asked for. */
import { execFileSync } from 'node:child_process';
import { delimiter, isAbsolute } from 'node:path';

/**
 * @param {string | undefined} toolchain a name that rustup knows (`nightly`), or an absolute folder that holds `rustc`
 *   and `cargo` (`/usr/bin`); undefined keeps the default
 */
export function useToolchain(toolchain) {
  Object.assign(process.env, variablesOf(toolchain));
}

/** The variables by which `toolchain` is chosen, on top of the present environment. */
function variablesOf(toolchain) {
  if (toolchain === undefined) return {};
  if (isAbsolute(toolchain)) return { PATH: `${toolchain}${delimiter}${process.env.PATH}` };
  return { RUSTUP_TOOLCHAIN: toolchain };
}

/** The first line of `rustc -vV`, or undefined when there is no such toolchain. */
export function versionOf(toolchain) {
  try {
    const env = { ...process.env, ...variablesOf(toolchain) };
    const run = (tool) =>
      execFileSync(tool, ['-vV'], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    run('cargo');
    return run('rustc').split('\n')[0];
  } catch {
    return undefined;
  }
}
