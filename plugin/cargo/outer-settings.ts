import { parse } from 'smol-toml';
import type { Table } from './manifest';
import { outerTexts } from './outer-texts';

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
  const said = outerTexts(nxRoot)
    .map(aboutCompiles)
    .filter((tables) => Object.keys(tables).length > 0);
  return said.length === 0 ? '' : JSON.stringify(said);
}

function aboutCompiles(text: string): Table {
  try {
    return Object.fromEntries(Object.entries(parse(text)).filter(([table]) => !OF_NO_COMPILE.has(table)));
  } catch {
    // cargo will say what is wrong with it.
    return { text };
  }
}
