import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/**
 * Texts of cargo's configuration files outside of the Nx workspace, above it and in cargo's home, the nearest first.
 *
 * @param nxRoot absolute
 */
export function outerTexts(nxRoot: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = path.dirname(nxRoot); ; folder = path.dirname(folder)) {
    folders.push(path.join(folder, '.cargo'));
    if (folder === path.dirname(folder)) break;
  }
  folders.push(process.env.CARGO_HOME ?? path.join(process.env.HOME ?? homedir(), '.cargo'));
  const files = new Set(
    folders.flatMap((folder) => {
      // Of the two, cargo reads the one without the ending.
      const names = [path.join(folder, 'config'), path.join(folder, 'config.toml')];
      return names.find((file) => existsSync(file)) ?? [];
    }),
  );
  return [...files].map((file) => readFileSync(file, 'utf8'));
}
