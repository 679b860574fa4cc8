import type { ProgramLayout } from '../pipeline/processes';

const MIB = 1 << 20;

/**
 * Where a patch lies in nearly every process: half a gigabyte below the image, as the loader tries first (see
 * `native/loader/src/window.rs`). A patch that is made without a process can be used where that holds.
 *
 * There is no pool of thread-locals in it: where a process has it depends on the libraries that it loaded, so a change that
 * needs a new thread-local is refused.
 *
 * @param libraries absolute paths of the shared libraries that the program loads
 */
export function usualLayout(libraries: readonly string[]): ProgramLayout {
  return { window: { offset: -512 * MIB, size: 256 * MIB }, tls: { tpOffset: 0, size: 0 }, libraries };
}
