import { spawnSync } from 'node:child_process';
import { type Streams, withDescriptor } from './out-dir';

export interface ChildEnd {
  readonly code: number;
  readonly signal: NodeJS.Signals | null;
}

/** Runs a wrapped program to its end on our own standard streams. */
export function runChild(command: readonly string[], env: NodeJS.ProcessEnv, outDir?: number): ChildEnd {
  const [program = '', ...args] = command;
  const streams = inheritedStreams(env);
  const stdio = outDir === undefined ? streams : withDescriptor(streams, outDir);
  const end = spawnSync(program, args, { env, stdio });
  if (end.error) process.stderr.write(`error: ${program} did not start: ${end.error.message}\n`);
  return { code: end.status ?? 1, signal: end.signal };
}

/** Ends this process the way the child ended. */
export function endAs({ code, signal }: ChildEnd): never {
  if (signal) process.kill(process.pid, signal);
  process.exit(code);
}

/**
 * cargo's job server is a pipe whose two descriptors are named in `CARGO_MAKEFLAGS`. Node closes in its children all
 * descriptors but those listed, and rustc warns when it finds them closed.
 */
function inheritedStreams(env: NodeJS.ProcessEnv): Streams {
  const server = /--jobserver-auth=(\d+),(\d+)/.exec(env.CARGO_MAKEFLAGS ?? '');
  const descriptors = (server?.slice(1) ?? []).map(Number);
  return descriptors.reduce<Streams>(
    (streams, descriptor) => withDescriptor(streams, descriptor, descriptor),
    ['inherit', 'inherit', 'inherit'],
  );
}
