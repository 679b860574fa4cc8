import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { isBelow } from '../cargo/membership';
import { type Mentions, mentionsIn } from './mentions';

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

/** The mentions of a file, as of a size and a time. */
export interface ScannedFile {
  readonly size: number;
  readonly mtimeMs: number;
  readonly mentions: Mentions;
}

/** Set by cargo from the manifest, which is a file of the package, or from the build. */
const OF_CARGO =
  /^(CARGO_(PKG|CRATE|BIN|MANIFEST|PRIMARY|FEATURE|CFG)_?|CARGO$|OUT_DIR$|TARGET$|HOST$|PROFILE$)/;

/**
 * Reads the literal mentions of a package's sources. A file is read once for each time that it changes.
 *
 * @param nested folders of packages inside of this one, whose files are not its own
 * @param known  what earlier scans found, by file relative to the Nx root; this one's findings are added
 */
export function scanSources(
  nxRoot: string,
  folder: string,
  nested: readonly string[],
  known: Map<string, ScannedFile>,
): SourceScan {
  const lies = (file: string, within: string) => within === '.' || file.startsWith(`${within}/`);
  const isOwn = (file: string) => lies(file, folder) && !nested.some((inner) => lies(file, inner));
  const all = sourceFiles(nxRoot, folder);
  const files = nested.length === 0 ? all : all.filter(isOwn);
  const variables = new Set<string>();
  const outside = new Set<string>();
  let knowsItsPlace = false;
  for (const file of files) {
    const mentions = scanFile(nxRoot, file, known);
    knowsItsPlace ||= mentions.place;
    // Most files mention nothing, and there are thousands.
    if (isEmpty(mentions)) continue;
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
  return {
    sources: files.length,
    variables: [...variables].filter((name) => !OF_CARGO.test(name)).sort(),
    files: [...outside].sort(),
    knowsItsPlace,
  };
}

function isEmpty({ variables, besideSource, besideManifest }: Mentions): boolean {
  return variables.length + besideSource.length + besideManifest.length === 0;
}

function scanFile(nxRoot: string, file: string, known: Map<string, ScannedFile>): Mentions {
  const absolute = path.join(nxRoot, file);
  try {
    const { size, mtimeMs } = statSync(absolute);
    const before = known.get(file);
    if (before?.size === size && before.mtimeMs === mtimeMs) return before.mentions;
    const mentions = mentionsIn(readFileSync(absolute, 'utf8'));
    known.set(file, { size, mtimeMs, mentions });
    return mentions;
  } catch {
    // Removed since the folder was read, or a link that leads nowhere: the next graph is another one.
    return mentionsIn('');
  }
}

/** Where cargo looks for targets by itself, and the build script. Relative to the Nx root, with `/`. */
function sourceFiles(nxRoot: string, folder: string): readonly string[] {
  const found: string[] = [];
  const at = folder === '.' ? '' : `${folder}/`;
  for (const below of ['src', 'examples']) addSources(nxRoot, `${at}${below}`, true, found);
  addSources(nxRoot, folder, false, found);
  return found;
}

/** Node's own recursion asks the system about every entry; the folder has told already what each is (readdir(3)). */
function addSources(nxRoot: string, folder: string, recursive: boolean, found: string[]): void {
  const absolute = path.join(nxRoot, folder);
  // Most packages have no examples, and an error is dear.
  if (!existsSync(absolute)) return;
  try {
    for (const entry of readdirSync(absolute, { withFileTypes: true })) {
      const name = folder === '.' ? entry.name : `${folder}/${entry.name}`;
      if (entry.name.endsWith('.rs') && !entry.isDirectory()) found.push(name);
      else if (recursive && entry.isDirectory()) addSources(nxRoot, name, recursive, found);
    }
  } catch {
    // Not to be read: nothing in it can be compiled.
  }
}
