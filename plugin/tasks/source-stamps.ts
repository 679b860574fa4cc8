/** Loaded when it is needed: the plugin does without it. */
const addon = (): typeof import('../../native/addon') => require('../../native/addon');

/** The state of a package's Rust files: their names, inodes, sizes and times. */
export interface SourceStamp {
  /** Digest of the state: what is found in these files, and by their names, is what it was when this is what it was. */
  readonly stamp: string;
  /** The latest of the times, in milliseconds since 1970. */
  readonly newest: number;
}

/**
 * The stamps of packages by folder. The native part makes them, because a call of stat from JavaScript takes five times as
 * long, and there are thousands of files.
 *
 * @param folders relative to `nxRoot`
 * @returns nothing where the native part is not built: then all is looked at file by file
 */
export async function sourceStamps(
  nxRoot: string,
  folders: readonly string[],
): Promise<ReadonlyMap<string, SourceStamp>> {
  if (folders.length === 0) return new Map();
  try {
    const { reply } = await addon().engine().call({ op: 'source-stamps', root: nxRoot, folders });
    const { stamps } = reply as { readonly stamps: readonly SourceStamp[] };
    return new Map(stamps.map((stamp, at): [string, SourceStamp] => [folders[at] ?? '', stamp]));
  } catch {
    // What cannot do without it says so: here it saves time, no more.
    return new Map();
  }
}

/**
 * Whether another write after `now` would give a file another time. Clocks of file systems go in ticks of at most 10 ms, or,
 * where there are no fractions, in seconds.
 *
 * @param changed the file's time, in milliseconds since 1970 as `now`
 */
export function isSettled(changed: number, now: number): boolean {
  return changed < now - (changed % 1000 === 0 ? 2000 : 100);
}
