/**
 * Gives the process that Nx forked for this task the program's own exit code.
 *
 * Nx ends that process with 0 or 1 by what the executor returns (nx/bin/run-executor). A listener of 'exit' has the last
 * word on the code. Nx then tells an interrupt (129, 130, 131, 143) from a failure, and prints the code of a failure;
 * `nx run` itself ends with 0, 1, or 130 for an interrupt, whatever the code was.
 *
 * In any other process (a test, another executor that calls this one) the code is the caller's affair.
 */
export function keepExitCode(code: number): void {
  if (process.env.NX_FORKED_TASK_EXECUTOR !== 'true') return;
  process.once('exit', () => {
    process.exitCode = code;
  });
}
