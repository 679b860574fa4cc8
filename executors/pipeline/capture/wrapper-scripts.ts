import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isCode } from './atomic-file';
import { type HotpatchFolder, RECORD_FORMAT } from './hotpatch-folder';
import { NODE, RUN_FILE, USER_LINKER, USER_RUSTC_WRAPPER, WRAPPERS } from './run';

/**
 * cargo mixes the wrapper's path into the names of all workspace crates, and into nothing of third-party crates. So a
 * wrapper at a new path makes cargo compile exactly the workspace anew: that is what an epoch is. It begins when there
 * are no records (`<target>/hotpatch` was deleted) or they cannot be used.
 */
/** The same in every clone, so that cargo gives the crates the same names. */
const FIRST = String(RECORD_FORMAT);

export function presentEpoch(folder: HotpatchFolder): string {
  const file = path.join(folder.root, 'epoch');
  const draft = writeDraft(file, FIRST);
  try {
    // Of two captures that begin at once, one makes the file and the other reads it.
    linkSync(draft, file);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(draft);
  }
  const epoch = readFileSync(file, 'utf8').trim();
  if (epoch.split('-')[0] === FIRST) return epoch;
  // Of another version of this plugin, whose wrapper had another name.
  renameSync(writeDraft(file, FIRST), file);
  return FIRST;
}

export function nextEpoch(folder: HotpatchFolder): string {
  const file = path.join(folder.root, 'epoch');
  renameSync(writeDraft(file, `${FIRST}-${randomBytes(4).toString('hex')}`), file);
  return readFileSync(file, 'utf8').trim();
}

function writeDraft(file: string, epoch: string): string {
  mkdirSync(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.draft`;
  writeFileSync(draft, `${epoch}\n`);
  return draft;
}

/** The scripts of an epoch. @returns their folder */
export function writeScripts(folder: HotpatchFolder, epoch: string): string {
  const bin = path.join(folder.root, `bin-${epoch}`);
  writeScript(path.join(bin, 'rustc'), RUSTC);
  writeScript(path.join(bin, 'outer-rustc'), OUTER_RUSTC);
  writeScript(path.join(bin, 'serving-rustc'), SERVING_RUSTC);
  writeScript(path.join(bin, 'between-rustc'), BETWEEN_RUSTC);
  return bin;
}

export function rustcScript(bin: string): string {
  return path.join(bin, 'rustc');
}

export function outerRustcScript(bin: string): string {
  return path.join(bin, 'outer-rustc');
}

export function servingRustcScript(bin: string): string {
  return path.join(bin, 'serving-rustc');
}

export function betweenRustcScript(bin: string): string {
  return path.join(bin, 'between-rustc');
}

/** rustc infers how to talk to a linker from the stem of its file name: so our linker has the name of the user's. */
export function linkerScript(bin: string, userLinker: string): string {
  const file = path.join(bin, 'linker', path.basename(userLinker));
  writeScript(file, LINKER);
  return file;
}

/** cargo looks at the wrapper's modification time: a script that is there is never written again. */
function writeScript(file: string, text: string): void {
  if (existsSync(file)) return;
  mkdirSync(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.draft`;
  writeFileSync(draft, text, { mode: 0o755 });
  renameSync(draft, file);
}

// The text must not depend on the machine or the version installed: it is never rewritten within an epoch.
// Outside of a capture (a build script that kept the path) they only pass on. Probes need no node.
const RUSTC = `#!/bin/sh
case "$2" in -vV|-) exec "$@";; esac
[ -n "$${RUN_FILE}" ] || exec "$@"
exec "$${NODE}" "$${WRAPPERS}/rustc-wrapper.js" "$@"
`;

// A crate from elsewhere that names one which is compiled by our wrapper is compiled by it as well: see `in-between.ts`.
const BETWEEN = `for argument; do
case "$argument" in *=*/lib*-*.r*)
id="\${argument##*/lib}"; id="\${id%.*}"
if [ -e "\${0%/*}/wrapped/$id" ] || [ -e "\${0%/*}/../crates/$id.json" ]; then exec "\${0%/*}/rustc" "$@"; fi;;
esac
done
`;

// As RUSTC_WRAPPER, when crates from elsewhere depend on the workspace's own.
const BETWEEN_RUSTC = `#!/bin/sh
case "$1" in "\${0%/*}/rustc") exec "$@";; esac
${BETWEEN}exec "$@"
`;

// As RUSTC_WRAPPER, when the user has one such as sccache: what it takes from its cache is not compiled and so not
// recorded, hence it is left out for the workspace's own crates.
const OUTER_RUSTC = `#!/bin/sh
case "$1" in "\${0%/*}/rustc") exec "$@";; esac
${BETWEEN}exec "$${USER_RUSTC_WRAPPER}" "$@"
`;

// As RUSTC_WRAPPER, when crates from elsewhere are taken from the store; it starts the user's own for what is not.
const SERVING_RUSTC = `#!/bin/sh
case "$1" in "\${0%/*}/rustc") exec "$@";; esac
case "$2" in -vV|-) exec "$@";; esac
[ -n "$${RUN_FILE}" ] || exec "$@"
${BETWEEN}exec "$${NODE}" "$${WRAPPERS}/third-party-wrapper.js" "$@"
`;

const LINKER = `#!/bin/sh
[ -n "$${RUN_FILE}" ] || exec "\${${USER_LINKER}:-cc}" "$@"
exec "$${NODE}" "$${WRAPPERS}/linker-wrapper.js" "$@"
`;
