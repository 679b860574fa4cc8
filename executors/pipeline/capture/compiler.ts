import { execFile } from 'node:child_process';
import type { BuildRecord } from '../artifacts';

/** Minor versions of rustc 1 between which, both included, every end-to-end case passes: `npm run e2e:compilers`. */
export const TESTED = { oldest: 85, newest: 97 } as const;

/** The program's start is not announced before; a wrapper that does not answer must not keep it. */
const PATIENCE_MS = 5_000;

/** As rustc prints it: `rustc 1.97.0-nightly (e50aa6fba 2026-05-19)`, Debian's with `(built from a source tarball)`. */
const VERSION =
  /^rustc 1\.(\d+)\.\d+(-nightly|-beta(?:\.\d+)?)?(?: \([0-9a-f]+ \d{4}-\d\d-\d\d\)| \(built from a source tarball\))*$/;

/**
 * What a person should know who compiles with a compiler that nobody has tried.
 *
 * @param version the first line of `rustc -vV`
 * @returns one line, or undefined for a compiler that was tested
 */
export function compilerNote(version: string): string | undefined {
  const known = VERSION.exec(version.trim());
  const minor = Number(known?.[1]);
  const what =
    known === null
      ? 'a compiler of its own kind'
      : minor > TESTED.newest
        ? 'newer than the tested ones'
        : minor < TESTED.oldest
          ? 'older than the tested ones'
          : undefined;
  if (what === undefined) return undefined;
  return (
    `! ${version.trim()} is ${what} (rustc 1.${TESTED.oldest} to 1.${TESTED.newest}): ` +
    'what cannot be matched is refused; should a patch misbehave, restart and report it with this line.'
  );
}

/** The first line of `rustc -vV` of the compiler that built the image; undefined when it does not say. */
export function compilerOf({ image, crates, env }: BuildRecord): Promise<string | undefined> {
  const crate = crates.find(({ id }) => id === image.crate);
  if (crate === undefined) return Promise.resolve(undefined);
  // The variables that cargo set name the toolchain, where rustup has several.
  const options = { cwd: crate.cwd, env: { ...process.env, ...env, ...crate.env }, timeout: PATIENCE_MS };
  return new Promise((resolve) => {
    execFile(crate.rustc, ['-vV'], options, (error, stdout) => {
      resolve(error === null ? stdout.split('\n')[0] : undefined);
    });
  });
}
