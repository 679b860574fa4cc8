/** What a source file names besides itself, as it stands there. */
export interface Mentions {
  /** Variables of `env!` and `option_env!`, and those that a build script asks cargo to watch. */
  readonly variables: readonly string[];
  /** Files of `include!`, `include_str!`, `include_bytes!` and `#[path]`, relative to the source file. */
  readonly besideSource: readonly string[];
  /** Files after `CARGO_MANIFEST_DIR`, or that a build script asks cargo to watch, relative to the package. */
  readonly besideManifest: readonly string[];
  /** The code can contain the place where the package lies: `env!` of a folder, other than to include a file. */
  readonly place: boolean;
}

/** What most files mention. */
export const NOTHING: Mentions = { variables: [], besideSource: [], besideManifest: [], place: false };

const VARIABLE = /\b(?:option_)?env!\s*[([{]\s*"([^"\\]+)"/g;
const WATCHED_VARIABLE = /rerun-if-env-changed=([A-Za-z_]\w*)/g;
const INCLUDED = /\binclude(?:_str|_bytes)?!\s*[([{]\s*"([^"\\]+)"/g;
const MODULE_PATH = /#\[\s*path\s*=\s*"([^"\\]+)"\s*\]/g;
const BESIDE_MANIFEST = /"CARGO_MANIFEST_DIR"\s*[)\]}]\s*,\s*"\/?([^"\\]+)"/g;
/** The folder stands in the code no more once the file is read. */
const FOLDER_OF_INCLUDED = /\binclude(?:_str|_bytes)?!\s*[([{]\s*concat!\s*[([{]\s*env!\s*[([{]\s*"\w+"/g;
const PLACE = /\benv!\s*[([{]\s*"(?:CARGO_MANIFEST_DIR|CARGO_MANIFEST_PATH|OUT_DIR)"/;
const WATCHED_FILE = /rerun-if-changed=([^"\\{}\s]+)/g;

/**
 * Finds the literal mentions in Rust source. It reads letters, not the language: what stands in a comment or behind
 * `#[cfg]` counts too, which costs a needless miss; what a macro puts together is not seen, and is told from rustc's
 * own dep-info after the compile.
 */
export function mentionsIn(text: string): Mentions {
  const all = (pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1] ?? '');
  const mentions = {
    variables: [...all(VARIABLE), ...all(WATCHED_VARIABLE)],
    besideSource: [...all(INCLUDED), ...all(MODULE_PATH)],
    besideManifest: [...all(BESIDE_MANIFEST), ...all(WATCHED_FILE)],
    place: PLACE.test(text.replaceAll(FOLDER_OF_INCLUDED, '')),
  };
  const { variables, besideSource, besideManifest, place } = mentions;
  const isNothing = variables.length + besideSource.length + besideManifest.length === 0 && !place;
  return isNothing ? NOTHING : mentions;
}
