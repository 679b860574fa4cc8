import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isCode, namesIn, writeWhole } from '../../pipeline/capture/atomic-file';
import { type Fields, ListOf, mismatch } from '../loader-connection/shapes';

/** A running session, as others find it: `<target>/hotpatch/control/<pid>.json`. */
export interface SessionEntry {
  readonly pid: number;
  /** The running program's process, which is what its user has been shown. */
  readonly programPid: number;
  /** When the session began, as `Date.toISOString` writes it. */
  readonly since: string;
  /** Arguments of the program. */
  readonly args: readonly string[];
  /** The folder of the package's manifest, and the name of its binary or example: they tell two programs apart. */
  readonly packageFolder: string;
  readonly program: string;
  readonly profile: string;
  /** The socket that it listens at, in a folder for its user only. */
  readonly socket: string;
}

const ENTRY: Fields = {
  pid: 'integer',
  programPid: 'integer',
  since: 'string',
  args: new ListOf('string'),
  packageFolder: 'string',
  program: 'string',
  profile: 'string',
  socket: 'string',
};

/** Announces a session, or what has become of it since. @returns takes it back. */
export function announce(targetDir: string, entry: SessionEntry): () => void {
  const file = join(controlFolder(targetDir), `${entry.pid}.json`);
  mkdirSync(controlFolder(targetDir), { recursive: true });
  writeWhole(file, `${JSON.stringify(entry)}\n`, 0o600);
  return () => rmSync(file, { force: true });
}

/** Sessions that run on this target folder. What a killed one left is removed. */
export function runningSessions(targetDir: string): readonly SessionEntry[] {
  const folder = controlFolder(targetDir);
  return namesIn(folder).flatMap((name) => {
    if (!/^\d+\.json$/.test(name)) return [];
    const file = join(folder, name);
    const entry = read(file);
    if (entry !== undefined && isAlive(entry.pid)) return [entry];
    rmSync(file, { force: true });
    return [];
  });
}

function read(file: string): SessionEntry | undefined {
  try {
    const entry: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return mismatch(entry, ENTRY) === undefined ? (entry as SessionEntry) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function controlFolder(targetDir: string): string {
  return join(targetDir, 'hotpatch', 'control');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}
