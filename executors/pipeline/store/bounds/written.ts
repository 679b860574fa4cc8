import path from 'node:path';
import type { CrateRecord, ImageRecord } from '../../artifacts';

/** What an entry names as its own places. */
export interface Named {
  readonly image: ImageRecord;
  /** Other files that it brings. */
  readonly support: readonly { readonly path: string }[];
  readonly libraries: readonly { readonly path: string }[];
  readonly crates: readonly CrateRecord[];
}

/** `debug`, or with the target's name before it when one was named. */
const PROFILE = '(?:[\\w.-]+/){1,2}';
const PROGRAM = new RegExp(`^${PROFILE}(?:examples/|deps/)?[\\w.-]+$`);
const LIBRARY = new RegExp(
  `^${PROFILE}(?:deps/(?:[\\w.-]+/)*[\\w.+-]+\\.(?:rlib|rmeta|so|a)|[\\w.+-]+\\.(?:rlib|so|a)|examples/[\\w.+-]+\\.(?:rlib|so|a))$`,
);
const DEPS = new RegExp(`^${PROFILE}(?:deps|examples)$`);
const OUT_DIR = new RegExp(`^${PROFILE}build/[\\w.+-]+/out$`);
const MADE_BY_SCRIPT = new RegExp(`^${PROFILE}build/[\\w.+-]+/out/.*\\.a$`);
/** One component of a path: `..` is none of a file's, and a slash leads elsewhere. */
const NAME = /^(?!\.+$)[\w.+-]+$/;

/**
 * The first thing that an entry would have written where cargo does not put such a thing, or that is called so that it leads
 * there; undefined when there is none. Whoever can write an entry chooses all of its text: without this it could replace a
 * wrapper or a build script, which are executed, or any file of the user.
 *
 * @param targetDir cargo's, absolute
 */
export function writtenElsewhere(
  { image, support, libraries, crates }: Named,
  targetDir: string,
): string | undefined {
  const lies = (kind: RegExp) => (file: string) => kind.test(relative(file, targetDir));
  const isLibrary = (file: string) => lies(LIBRARY)(file) || lies(MADE_BY_SCRIPT)(file);
  const outDirs = crates.flatMap(({ env }) => env.OUT_DIR ?? []);
  const names = crates.flatMap(({ id, units, state, depInfo }) => [
    id,
    path.basename(units),
    path.basename(state),
    depInfo,
  ]);
  return (
    [image.path].find((file) => !lies(PROGRAM)(file)) ??
    [...support, ...libraries].map((file) => file.path).find((file) => !isLibrary(file)) ??
    crates.map(({ outDir }) => outDir).find((folder) => !lies(DEPS)(folder)) ??
    outDirs.find((folder) => !lies(OUT_DIR)(folder)) ??
    [image.buildId].find((id) => !/^[0-9a-f]+$/.test(id)) ??
    names.find((name) => !NAME.test(name))
  );
}

/** Empty for what lies elsewhere or is spelled in a roundabout way; our own folder is nobody's to name. */
function relative(file: string, folder: string): string {
  const below =
    path.resolve(file) === file && file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : '';
  return below.startsWith('hotpatch/') ? '' : below;
}
