import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { WorkspaceLayout } from './cache';

/** Files beside the workspace's manifest that can change what cargo answers. */
const BESIDE = ['Cargo.lock', 'rust-toolchain', 'rust-toolchain.toml', '.cargo/config.toml', '.cargo/config'];
/** Variables that say where cargo's target folder is. */
const VARIABLES = ['CARGO_TARGET_DIR', 'CARGO_BUILD_TARGET_DIR'];

/**
 * Digest of all that cargo's answer about a workspace depends on: manifests, lock file, toolchain, cargo's configuration, and
 * the names of the files that make targets. Not the content of any source file.
 *
 * @param texts    texts of the manifests by folder
 * @param programs `programFiles` of each member, in the order of the members
 * @param outer    `outerTexts`
 */
export function answerKey(
  { folder: root, members }: WorkspaceLayout,
  texts: ReadonlyMap<string, string>,
  programs: readonly (readonly string[])[],
  nxRoot: string,
  outer: readonly string[],
): string {
  const parts: string[] = [];
  // With its length before it, no text can pass for two.
  const add = (name: string, text: string) => parts.push(`${name}\0${text.length}\0${text}\0`);
  add(root, texts.get(root) ?? '');
  for (const [at, folder] of members.entries()) {
    add(folder, texts.get(folder) ?? '');
    add('programs', (programs[at] ?? []).join('\0'));
  }
  for (const name of BESIDE) {
    const file = path.join(nxRoot, root, name);
    if (existsSync(file)) add(name, readFileSync(file, 'utf8'));
  }
  for (const text of outer) add('outer settings', text);
  for (const name of VARIABLES) add(name, process.env[name] ?? '');
  return createHash('sha256').update(parts.join('')).digest('hex');
}
