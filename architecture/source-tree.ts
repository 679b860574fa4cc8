import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.join(__dirname, '..');

/** Made by tools, or not this project's source. */
const SKIPPED = new Set(['node_modules', 'dist', 'target', 'tmp', '.git', '.nx']);

/** All files below the folders (of the repository), relative to its root, sorted. */
export function filesIn(...folders: readonly string[]): readonly string[] {
  return folders.flatMap((folder) => walk(folder)).sort();
}

export function read(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8');
}

/** Names of the folders directly in a folder. */
export function foldersIn(folder: string): readonly string[] {
  return readdirSync(path.join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !SKIPPED.has(entry.name))
    .map((entry) => entry.name);
}

/** Whether a file is there for tests alone. */
export function isTest(file: string): boolean {
  return /\.spec\.ts$|\/tests?\/|\/tests\.rs$|\/testing\//.test(file);
}

/** Rust without its trailing `#[cfg(test)] mod tests { ... }`, which rustfmt leaves at the end of the file. */
export function withoutTests(rust: string): string {
  return rust.split(/^#\[cfg\(test\)\]\nmod \w+ \{/m)[0] ?? '';
}

function walk(folder: string): readonly string[] {
  return readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = path.posix.join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : walk(file);
    return entry.isFile() ? [file] : [];
  });
}
