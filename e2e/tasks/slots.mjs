/**
 * A crate of many modules: an edit concerns the slots of the units that it changes, and no others.
 * `node e2e/tasks/slots.mjs [--keep]`; the last line is `N passed, N failed`.
 */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { linkPackages } from '../harness/workspace.mjs';
import { isCached, nx } from './nx.mjs';
import { play } from './suite.mjs';
import { commit, git, restore, write } from './workspace.mjs';

const MODULES = 64;
const UNITS = ['run', 'app:hotpatch-units'];

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
const scratch = await mkdtemp(join(tmpdir(), 'nxhp-'));
const root = join(scratch, 'ws');
const names = Array.from({ length: MODULES }, (_, at) => `m${at}`);
const module = (name, factor) =>
  `pub fn ${name}(count: u32) -> u32 {\n    count.wrapping_mul(${factor}) + super::offset()\n}\n`;
const library = (modules) =>
  `${modules.map((name) => `pub mod ${name};`).join('\n')}\n\npub fn offset() -> u32 {\n    1\n}\n`;
const manifest = (name, rest = '') =>
  `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2024"\n${rest}`;

await write(root, {
  'package.json': '{ "name": "wide", "private": true }\n',
  'nx.json': '{ "plugins": ["nx-hotpatch"], "analytics": false }\n',
  '.gitignore': 'target/\nnode_modules/\n.nx/\n',
  'Cargo.toml': '[workspace]\nmembers = ["app", "wide"]\nresolver = "2"\n',
  'app/Cargo.toml': manifest('app', '[dependencies]\nwide = { path = "../wide" }\n'),
  'app/src/main.rs': 'fn main() {\n    println!("{}", wide::m0::m0(2));\n}\n',
  'wide/Cargo.toml': manifest('wide'),
  'wide/src/lib.rs': library(names),
  ...Object.fromEntries(names.map((name) => [`wide/src/${name}.rs`, module(name, 3)])),
});
execFileSync('cargo', ['generate-lockfile', '--quiet'], { cwd: root });
git(root, 'init', '--quiet', '--initial-branch=main');
commit(root, 'all');
await linkPackages(root);

await play(
  {
    async 'every slot is a task, and has units'() {
      const { ran } = await units();
      equal(ran.length, 32);
    },

    async 'a function body concerns the slot of one unit'() {
      await write(root, { 'wide/src/m7.rs': module('m7', 5) });
      const { ran, local } = await units();
      equal(ran.length, 1, ran.join(' '));
      equal(local.length, 31);
    },

    async 'a module more concerns the slots of its own units and of the one that declares it'() {
      await write(root, {
        'wide/src/lib.rs': library([...names, 'more']),
        'wide/src/more.rs': module('more', 3),
      });
      const { ran } = await units();
      ok(ran.length <= 3, ran.join(' '));
    },

    async 'an older state is all hits'() {
      restore(root);
      const { ran } = await units();
      deepEqual(ran, []);
    },
  },
  { scratch, keep: values.keep },
);

/** Which unit tasks of the wide crate ran, and which were hits. */
async function units() {
  const { ok: built, ran, local, output } = await nx(root, UNITS);
  ok(built, output);
  const own = (task) => isCached(task) && task.startsWith('wide:hotpatch-unit--');
  return { ran: ran.filter(own), local: local.filter(own) };
}
