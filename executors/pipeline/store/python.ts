import { execFileSync } from 'node:child_process';
import path from 'node:path';

/** Where PyO3 looks for an interpreter: pyo3-build-config, `find_interpreter`. */
const PLACES = ['PYO3_PYTHON', 'VIRTUAL_ENV', 'CONDA_PREFIX', 'PATH'];
/** What an extension module is compiled for (PEP 3149), and whether there is a library that a program can embed. */
const ASK = 'import sysconfig; print(*map(sysconfig.get_config_var, ("EXT_SUFFIX", "Py_ENABLE_SHARED")))';

/**
 * The variables of build scripts that count by their values, and the Python that PyO3 compiles for, which counts in place
 * of where it lies: nobody has it where a colleague does, and Nx puts the clone's own node_modules into PATH.
 *
 * @param named as `environmentKey` has them
 */
export function withPython(
  named: readonly string[],
  env: NodeJS.ProcessEnv,
): { readonly named: readonly string[]; readonly python?: string } {
  if (!named.includes('PYO3_PYTHON')) return { named };
  return { named: named.filter((name) => !PLACES.includes(name)), python: pythonOf(env) };
}

function pythonOf(env: NodeJS.ProcessEnv): string {
  const { PYO3_PYTHON, VIRTUAL_ENV, CONDA_PREFIX } = env;
  const environment = [VIRTUAL_ENV, CONDA_PREFIX].filter((folder) => folder !== undefined && folder !== '');
  const candidates = PYO3_PYTHON
    ? [PYO3_PYTHON]
    : // With both it takes neither.
      environment.length === 1
      ? environment.map((folder) => path.join(folder ?? '', 'bin/python'))
      : ['python', 'python3'];
  for (const candidate of candidates) {
    try {
      return execFileSync(candidate, ['-c', ASK], {
        env,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    } catch {
      // The next one; with none PyO3 compiles for the oldest Python that it is asked to work with.
    }
  }
  return '';
}
