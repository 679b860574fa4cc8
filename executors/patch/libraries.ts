import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Absolute paths of the shared libraries that the dynamic loader would give a program. `ldd` asks the dynamic loader, which
 * maps the program and does not run it.
 *
 * @throws Error when `ldd` is missing, or the image is no program for this machine
 */
export async function librariesOf(image: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)('ldd', [image]);
  return parseLdd(stdout);
}

/** `name => /path (address)` for most, `/path (address)` for the dynamic loader, no path for the vDSO. */
export function parseLdd(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => /^\s*(?:\S+ => )?(\/.*) \(0x[0-9a-f]+\)$/.exec(line)?.[1] ?? []);
}
