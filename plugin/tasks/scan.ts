import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { isBelow } from '../cargo/is-below';
import { type Mentions, mentionsIn, NOTHING } from './mentions';
import type { ScanCache } from './scan-cache';

/** What the sources of a package name beyond the files of its folder. */
export interface SourceScan {
  /** How many .rs files there are. */
  readonly sources: number;
  /** Variables, sorted; those that cargo sets for every crate are left out. */
  readonly variables: readonly string[];
  /** Files outside of the package, relative to the Nx root, sorted. */
  readonly files: readonly string[];
  /** The code can contain the place where the workspace lies. */
  readonly knowsItsPlace: boolean;
}

/** Set by cargo from the manifest, which is a file of the package, or from the build. */
const OF_CARGO =
  /^(CARGO_(PKG|CRATE|BIN|MANIFEST|PRIMARY|FEATURE|CFG)_?|CARGO$|OUT_DIR$|TARGET$|HOST$|PROFILE$)/;

/**
 * Reads the literal mentions of a package's sources. A file is read once for each time that it changes. What is looked at
 * here must be in the package's stamp: `native/engine/src/source_stamps.rs`.
 *
 * @param nested folders of packages inside of this one, whose files are not its own
 * @param known  what earlier scans found; this one's findings are added
 * @returns `isWhole`: all that is there could be read
 */
export function scanSources(
  nxRoot: string,
  folder: string,
  nested: readonly string[],
  known: ScanCache,
): { readonly scan: SourceScan; readonly isWhole: boolean } {
  const lies = (file: string, within: string) => within === '.' || file.startsWith(`${within}/`);
  const isOwn = (file: string) => lies(file, folder) && !nested.some((inner) => lies(file, inner));
  const all = sourceFiles(nxRoot, folder);
  const files = nested.length === 0 ? all : all.filter(isOwn);
  const variables = new Set<string>();
  const outside = new Set<string>();
  let knowsItsPlace = false;
  let isWhole = true;
  for (const file of files) {
    const mentions = scanFile(nxRoot, file, known);
    if (mentions === undefined) {
      isWhole = false;
      continue;
    }
    // Most files mention nothing, and there are thousands.
    if (mentions === NOTHING) continue;
    knowsItsPlace ||= mentions.place;
    for (const name of mentions.variables) variables.add(name);
    for (const [base, names] of [
      [path.posix.dirname(file), mentions.besideSource],
      [folder, mentions.besideManifest],
    ] as const) {
      for (const name of names) {
        const named = path.posix.join(base, name);
        if (!path.isAbsolute(name) && isBelow(named, '.') && !isOwn(named)) outside.add(named);
      }
    }
  }
  const scan = {
    sources: files.length,
    variables: [...variables].filter((name) => !OF_CARGO.test(name)).sort(),
    files: [...outside].sort(),
    knowsItsPlace,
  };
  return { scan, isWhole };
}

/** Undefined for what was removed since the folder was read, a link that leads nowhere, or a folder: nothing that is compiled. */
function scanFile(nxRoot: string, file: string, known: ScanCache): Mentions | undefined {
  const absolute = `${nxRoot}/${file}`;
  try {
    const state = statSync(absolute);
    const before = known.get(file, state);
    if (before !== undefined) return before;
    const mentions = mentionsIn(readFileSync(absolute, 'utf8'));
    known.set(file, state, mentions);
    return mentions;
  } catch {
    return undefined;
  }
}

/** Folders of a package in which cargo looks for targets by itself; the build script lies beside them. */
const SOURCE_FOLDERS = ['src', 'examples'];

/** Relative to the Nx root, with `/`. What ends in `.rs` is taken for a file: asking about each costs as much as all else. */
function sourceFiles(nxRoot: string, folder: string): readonly string[] {
  const found: string[] = [];
  const at = folder === '.' ? '' : `${folder}/`;
  for (const name of namesIn(`${nxRoot}/${folder}`)) {
    if (name.endsWith('.rs')) found.push(`${at}${name}`);
    else if (SOURCE_FOLDERS.includes(name)) addSources(nxRoot, `${at}${name}`, found);
  }
  return found;
}

function addSources(nxRoot: string, folder: string, found: string[]): void {
  for (const name of namesIn(`${nxRoot}/${folder}`)) {
    const file = `${folder}/${name}`;
    if (name.endsWith('.rs')) found.push(file);
    // A link to a folder may lead back to where it lies.
    else if (lstatSync(`${nxRoot}/${file}`, { throwIfNoEntry: false })?.isDirectory())
      addSources(nxRoot, file, found);
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Not to be read: nothing in it can be compiled.
    return [];
  }
}
