/** An Nx workspace with a hundred crates in one or several Cargo workspaces, each crate with a chain of dependencies. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { linkPackages } from '../harness/workspace.mjs';

export const crateCount = 100;
/** So many files that Nx has something to hand to a plugin; no plugin reads them. */
const modulesPerCrate = 20;

/** A file whose save is measured. */
export const savedFile = (groups) => join(groupFolder(groups, 0), 'crates/g0c3/src/m5.rs');

/**
 * @param {string} folder
 * @param {number} groups how many Cargo workspaces
 * @param {readonly unknown[]} plugins of nx.json
 */
export async function makeCrates(folder, groups, plugins) {
  for (let group = 0; group < groups; group++) {
    const base = join(folder, groupFolder(groups, group));
    await write(join(base, 'Cargo.toml'), '[workspace]\nresolver = "2"\nmembers = ["crates/*"]\n');
    for (let n = 0; n < crateCount / groups; n++) {
      const name = `g${group}c${n}`;
      const before = `g${group}c${n - 1}`;
      const needs = n === 0 ? '' : `[dependencies]\n${before} = { path = "../${before}" }\n`;
      const manifest = `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n${needs}`;
      await write(join(base, 'crates', name, 'Cargo.toml'), manifest);
      await write(join(base, 'crates', name, 'src', n % 10 === 0 ? 'main.rs' : 'lib.rs'), 'fn main() {}\n');
      for (let m = 1; m < modulesPerCrate; m++)
        await write(join(base, 'crates', name, 'src', `m${m}.rs`), `pub const M: u32 = ${m};\n`);
    }
  }
  await write(join(folder, 'nx.json'), JSON.stringify({ plugins, analytics: false }));
  await write(join(folder, 'package.json'), '{ "name": "crates", "private": true }\n');
  await write(join(folder, '.gitignore'), 'target/\nnode_modules/\n.nx/\n');
  // The plugin but for the hook that keeps its process.
  await write(
    join(folder, 'graph-only.cjs'),
    "const { createNodes, createDependencies } = require('nx-hotpatch');\nmodule.exports = { name: 'nx-hotpatch', createNodes, createDependencies };\n",
  );
  await linkPackages(folder);
}

export function groupFolder(groups, group) {
  return groups === 1 ? '.' : `group${group}`;
}

async function write(file, text) {
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, text);
}
