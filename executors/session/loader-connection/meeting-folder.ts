import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Followed by the session's pid and six random characters. */
const PREFIX = 'nx-hotpatch-';

const SOCKET = 'session.sock';

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
  const why = failure instanceof Error ? ` (${failure.message})` : '';
  throw new Error(
    `no folder for the session socket can be made${why}: set XDG_RUNTIME_DIR or TMPDIR to a writable folder with a short path`,
    { cause: failure },
  );
}

/** Lets `server` listen in a fresh folder, which is gone again when it cannot. */
export async function listenInMeetingFolder(server: Server): Promise<MeetingFolder> {
  const folder = await makeMeetingFolder();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(folder.socket, resolve);
    });
  } catch (error) {
    await folder.remove();
    throw error;
  }
  return folder;
}

async function makeIn(parent: string): Promise<MeetingFolder> {
  await removeLeft(parent);
  const path = await mkdtemp(join(parent, `${PREFIX}${process.pid}-`));
  const token = randomBytes(32).toString('hex');
  const remove = () => rm(path, { recursive: true, force: true });
  try {
    await writeFile(join(path, 'token'), token, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    await remove();
    throw error;
  }
  return { path, socket: join(path, SOCKET), token, remove };
}

/** A session that was killed (SIGKILL) left its folder; its name tells whose it was. */
async function removeLeft(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN;
    if (Number.isNaN(pid) || isAlive(pid) || (await isListening(join(parent, name, SOCKET)))) continue;
    // That of another user cannot be removed, and need not be.
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A process of another pid namespace, with which we share the folder, looks dead and still answers. */
function isListening(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socket, () => {
      probe.destroy();
      resolve(true);
    });
    probe.on('error', () => resolve(false));
  });
}

function fits(parent: string): boolean {
  return Buffer.byteLength(join(parent, `${PREFIX}4194304-XXXXXX`, SOCKET)) <= MAX_SOCKET_PATH;
}
