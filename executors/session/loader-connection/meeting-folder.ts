import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** sockaddr_un.sun_path holds 108 bytes with its closing zero (unix(7)). */
const MAX_SOCKET_PATH = 107;

/** The private folder in which a session and the loaders of its program find each other. */
export interface MeetingFolder {
  readonly path: string;
  readonly socket: string;
  /** 64 lower-case hex digits. */
  readonly token: string;
  remove(): Promise<void>;
}

/**
 * Makes a fresh folder of mode 0700 (mkdtemp(3) makes it so) with the token file inside.
 *
 * Node has no SO_PEERCRED, so on this side it is the folder's mode that keeps other users out and the token that
 * keeps out a process of the same user which merely found the socket's name. The loader checks SO_PEERCRED itself.
 *
 * XDG_RUNTIME_DIR comes first: it belongs to the user alone and is emptied at logout.
 */
export async function makeMeetingFolder(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<MeetingFolder> {
  let failure: unknown;
  for (const parent of [env.XDG_RUNTIME_DIR, tmpdir()]) {
    if (!parent || !fits(parent)) continue;
    try {
      return await makeIn(parent);
    } catch (error) {
      failure = error;
    }
  }
  throw new Error(
    'no folder for the session socket can be made: set XDG_RUNTIME_DIR or TMPDIR to a writable folder with a short path',
    { cause: failure },
  );
}

async function makeIn(parent: string): Promise<MeetingFolder> {
  const path = await mkdtemp(join(parent, 'nx-hotpatch-'));
  const token = randomBytes(32).toString('hex');
  const remove = () => rm(path, { recursive: true, force: true });
  try {
    await writeFile(join(path, 'token'), token, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    await remove();
    throw error;
  }
  return { path, socket: join(path, 'session.sock'), token, remove };
}

function fits(parent: string): boolean {
  return Buffer.byteLength(join(parent, 'nx-hotpatch-XXXXXX', 'session.sock')) <= MAX_SOCKET_PATH;
}
