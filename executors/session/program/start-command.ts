import { basename } from 'node:path';
import type { ImageRecord } from '../../pipeline/artifacts';
import { threadLocalBytes } from '../../pipeline/capture/image-file';

type Environment = Readonly<Record<string, string | undefined>>;

export interface StartCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Environment;
}

/**
 * What is to be started: the program itself, or for a shared library the program that loads it, with our loader in it.
 * Its own processes have the loader too: the one that loads the library may be any of them.
 *
 * @param args of the program; for a shared library the whole command line of its host
 * @throws Error with one sentence when no host is named, or the loader cannot be preloaded
 */
export function startCommand(
  image: ImageRecord,
  args: readonly string[],
  env: Environment,
  loader: string,
): StartCommand {
  if (!image.shared) return { file: image.path, args, env };
  const [file, ...rest] = args;
  if (file === undefined)
    throw new Error(
      `${basename(image.path)} is a shared library: say behind \`--\` which program loads it, as in \`-- node server.js\`.`,
    );
  // ld.so(8): the items of the list are separated by blanks or colons, and nothing escapes one.
  if (/[\s:]/.test(loader))
    throw new Error(
      `${loader} cannot be preloaded: install nx-hotpatch where no folder has a blank or a colon.`,
    );
  return {
    file,
    args: rest,
    env: {
      ...env,
      LD_PRELOAD: list(' ', loader, env.LD_PRELOAD),
      NX_HOTPATCH_LIBRARY: image.buildId,
      ...staticThreadLocals(image, env),
    },
  };
}

/** What the C library keeps free for libraries that come late (glibc, `rtld.optional_static_tls`). */
const USUAL_ROOM = 512;

/** The library's thread-locals lie in the static block, so there must be room for them. */
function staticThreadLocals(image: ImageRecord, env: Environment): Environment {
  const bytes = threadLocalBytes(image.file);
  if (bytes <= USUAL_ROOM) return {};
  const room = `glibc.rtld.optional_static_tls=${USUAL_ROOM + 2 * bytes}`;
  return { GLIBC_TUNABLES: list(':', env.GLIBC_TUNABLES, room) };
}

function list(separator: string, ...items: readonly (string | undefined)[]): string {
  return items.filter((item) => item !== undefined && item !== '').join(separator);
}
