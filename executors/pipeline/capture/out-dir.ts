import { openSync } from 'node:fs';

/**
 * The folder for rustc's outputs is part of what every codegen unit depends on (debug information asks for the names of
 * the outputs): under another `--out-dir`, rustc makes all units anew. So the capture, which writes where cargo wants
 * it, and the replays, which write elsewhere, name their folder by the same text: a file descriptor that each has open
 * on its own folder.
 */
const DESCRIPTOR = 50;

export const OUT_DIR = `/proc/self/fd/${DESCRIPTOR}`;

export type Streams = ('inherit' | 'ignore' | 'pipe' | number)[];

/** The standard streams of a child, and the folder at the place where `OUT_DIR` finds it. */
export function withDescriptor(streams: Streams, descriptor: number, at = DESCRIPTOR): Streams {
  const all = [...streams];
  while (all.length <= at) all.push('ignore');
  all[at] = descriptor;
  return all;
}

/** @returns a descriptor, to be closed by the caller once the child runs */
export function openOutDir(folder: string): number {
  return openSync(folder, 'r');
}

export function setOutDir(args: readonly string[], folder: string): readonly string[] {
  return args.map((arg, index) => {
    if (args[index - 1] === '--out-dir') return folder;
    return arg.startsWith('--out-dir=') ? `--out-dir=${folder}` : arg;
  });
}
