import { mkdirSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { BuildRecord } from '../artifacts';
import { namesIn } from '../capture/atomic-file';
import { HotpatchFolder } from '../capture/hotpatch-folder';
import { isAlive } from '../capture/place';

/**
 * Makes a folder for one session's compiles. It lies in the target folder, so that hard links to the capture's files
 * are possible. The session removes it; those of sessions that were killed are removed here.
 */
export async function makeSessionFolder(record: BuildRecord): Promise<string> {
  const { sessions } = new HotpatchFolder(record.targetDir);
  mkdirSync(sessions, { recursive: true });
  const left = namesIn(sessions).filter((name) => !isAlive(Number.parseInt(name, 10)));
  await Promise.all(left.map((name) => rm(path.join(sessions, name), { recursive: true, force: true })));
  return mkdtempSync(path.join(sessions, `${process.pid}-`));
}
