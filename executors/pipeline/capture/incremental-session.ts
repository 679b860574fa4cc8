import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { linkFolder, namesIn } from './atomic-file';

/**
 * rustc's incremental folder (`rustc_incremental::persist::fs`):
 *
 *     <-C incremental>/<crate>-<stable id>/s-<time>-<random>-<crate hash>/   a finalized session
 *                                          s-<time>-<random>-working/        one under way, or left by a killed rustc
 *                                          s-<time>-<random>.lock
 *
 * A session starts as hard links to the files of the newest finalized one. rustc never writes into a file that it
 * linked: it removes the link and makes a new file. So hard links to a finalized session stay what they were.
 */
export interface IncrementalSession {
  readonly folder: string;
  /** `<crate>-<stable id>/s-<time>-<random>-<crate hash>` */
  readonly name: string;
}

const FINALIZED = /^s-([0-9a-z]+)-[0-9a-z]+-(?!working$)[0-9a-z]+$/;

/** The newest finalized session under a `-C incremental` folder that holds one crate. */
export function newestSession(incremental: string): IncrementalSession | undefined {
  let newest: { readonly time: bigint; readonly name: string } | undefined;
  for (const crate of namesIn(incremental)) {
    for (const session of namesIn(path.join(incremental, crate))) {
      const time = startTime(session);
      if (time !== undefined && (newest === undefined || time > newest.time))
        newest = { time, name: path.join(crate, session) };
    }
  }
  return newest && { folder: path.join(incremental, newest.name), name: newest.name };
}

/** Microseconds since 1970, in base 36 in the name. */
function startTime(session: string): bigint | undefined {
  const digits = FINALIZED.exec(session)?.[1];
  if (digits === undefined) return undefined;
  let time = 0n;
  for (const digit of digits) time = time * 36n + BigInt(Number.parseInt(digit, 36));
  return time;
}

/** rustc takes a session without its lock file for garbage. */
export function lockFileOf(sessionName: string): string {
  return `${sessionName.slice(0, sessionName.lastIndexOf('-'))}.lock`;
}

/** The name of the session whose files lie in this folder, wherever it was put. */
export function sessionNameOf(folder: string): string {
  return path.join(path.basename(path.dirname(folder)), path.basename(folder));
}

/** Gives rustc a session to start from, as hard links: cheap, and private from then on. */
export function seedSession(incremental: string, name: string, files: Iterable<string>): void {
  const folder = path.join(incremental, name);
  mkdirSync(path.dirname(folder), { recursive: true });
  linkFolder(folder, files);
  writeFileSync(path.join(incremental, lockFileOf(name)), '');
}

export function isUnit(file: string): boolean {
  return file.endsWith('.o');
}
