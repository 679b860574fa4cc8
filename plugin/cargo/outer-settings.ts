import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { parse } from 'smol-toml';
import type { Table } from './manifest';

/** Tables of cargo's configuration that have no part in what a compile gives. */
const OF_NO_COMPILE = new Set(
  `alias cache cargo-new credential-alias doc future-incompat-report http install net registries registry resolver source
   term`.split(/\s+/),
);

/**
 * What cargo's configuration says outside of the Nx workspace, above it and in cargo's home, about compiles. No file input
 * can name those files, and their places differ from machine to machine: only what they say counts.
 *
 * @param nxRoot absolute
 * @returns JSON, the nearest file first; empty when they say nothing
 */
export function outerSettings(nxRoot: string): string {
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
  const said = [...files].map(aboutCompiles).filter((tables) => Object.keys(tables).length > 0);
  return said.length === 0 ? '' : JSON.stringify(said);
}

function aboutCompiles(file: string): Table {
  const text = readFileSync(file, 'utf8');
  try {
    return Object.fromEntries(Object.entries(parse(text)).filter(([table]) => !OF_NO_COMPILE.has(table)));
  } catch {
    // cargo will say what is wrong with it.
    return { text };
  }
}
