import { execFileSync } from 'node:child_process';
import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { write } from './workspace.mjs';

/**
 * A `rustc` for the PATH that writes down which crates it compiles.
 *
 * @param {string} scratch a folder
 * @returns its PATH, and a function that tells the crates since its last call
 */
export async function watchRustc(scratch) {
  const log = join(scratch, 'compiles');
  const real = execFileSync('rustup', ['which', 'rustc'], { encoding: 'utf8' }).trim();
  const script = `#!/bin/sh\nprev=\nfor arg; do [ "$prev" = --crate-name ] && [ "$arg" != ___ ] && echo "$arg" >> '${log}'; prev=$arg; done\nexec '${real}' "$@"\n`;
  await write(join(scratch, 'bin'), { rustc: script });
  await chmod(join(scratch, 'bin/rustc'), 0o755);
  await write(scratch, { compiles: '' });
  const compiles = async () => {
    const names = (await readFile(log, 'utf8')).split('\n').filter((name) => name !== '');
    await write(scratch, { compiles: '' });
    return names;
  };
  return { PATH: `${join(scratch, 'bin')}:${process.env.PATH}`, compiles };
}
