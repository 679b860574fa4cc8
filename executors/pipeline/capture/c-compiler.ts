import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Reason } from '../artifacts';

/** Says that the program that links is not there; undefined when it is. */
export function missingLinker(linker: string, env: NodeJS.ProcessEnv): Reason | undefined {
  if (linker.includes('/') ? existsSync(linker) : inPath(linker, env)) return undefined;
  return {
    code: 'no-c-compiler',
    subject: linker,
    message: `The C compiler \`${linker}\`, with which Rust links programs, is not installed.`,
    remedy: 'Install one, for example by `apt-get install gcc`.',
  };
}

function inPath(program: string, env: NodeJS.ProcessEnv): boolean {
  const folders = (env.PATH ?? '').split(path.delimiter);
  return folders.some((folder) => existsSync(path.join(folder, program)));
}
