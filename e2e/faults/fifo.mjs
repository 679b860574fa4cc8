/** Standard input that outlives the process it was given to: Node ends a child's own pipe when the child ends. */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, createWriteStream, openSync } from 'node:fs';

/** @returns `reader`, a descriptor for a child, to be closed once it runs; `writer`, whose end is the end of the input */
export function makeFifo(path) {
  execFileSync('mkfifo', [path]);
  // Whoever opens one end waits for the other, but for this one.
  const both = openSync(path, constants.O_RDWR);
  const reader = openSync(path, constants.O_RDONLY);
  const writer = createWriteStream(path, { fd: openSync(path, constants.O_WRONLY) });
  closeSync(both);
  return { reader, writer };
}
