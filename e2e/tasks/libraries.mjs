/**
 * The tasks of a shared library that another program loads. `node e2e/tasks/libraries.mjs [--keep]`; the last line is
 * `N passed, N failed`.
 */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Task } from '../harness/task.mjs';
import { linkPackages } from '../harness/workspace.mjs';
import { EVERYTHING, isCached, nx } from './nx.mjs';
import { play } from './suite.mjs';
import { commit, git, restore, write } from './workspace.mjs';

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
const scratch = await mkdtemp(join(tmpdir(), 'nxhp-'));
const root = join(scratch, 'ws');
const manifest = (name, rest = '') =>
  `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2024"\n${rest}`;
const price = (factor) => `pub fn price(count: u32) -> u32 {\n    count * ${factor}\n}\n`;
const exported = (name, body) =>
  `#[unsafe(no_mangle)]\npub extern "C" fn ${name}() -> u32 {\n    ${body}\n}\n`;

/** `both` is loaded by other programs, and is a part of the program `app` too. */
await write(root, {
  'package.json': '{ "name": "libraries", "private": true }\n',
  'nx.json': '{ "plugins": ["nx-hotpatch"], "analytics": false }\n',
  '.gitignore': 'target/\nnode_modules/\n.nx/\n__pycache__/\n',
  'Cargo.toml': '[workspace]\nmembers = ["addon", "shared", "both", "app"]\nresolver = "2"\n',
  'addon/Cargo.toml': manifest(
    'addon',
    '[lib]\ncrate-type = ["cdylib"]\n[dependencies]\nshared = { path = "../shared" }\n',
  ),
  'addon/src/lib.rs': exported('asked', 'shared::price(2)'),
  'shared/Cargo.toml': manifest('shared'),
  'shared/src/lib.rs': price(3),
  'both/Cargo.toml': manifest('both', '[lib]\ncrate-type = ["cdylib", "rlib"]\n'),
  'both/src/lib.rs': exported('both', '7'),
  'app/Cargo.toml': manifest('app', '[dependencies]\nboth = { path = "../both" }\n'),
  'app/src/main.rs': 'fn main() {\n    println!("both {}", both::both());\n}\n',
  'host.py': [
    'import ctypes, sys',
    'library = ctypes.CDLL("./addon.so")',
    'for line in sys.stdin: print("=", line.strip(), library.asked(), flush=True)',
    '',
  ].join('\n'),
});
execFileSync('cargo', ['generate-lockfile', '--quiet'], { cwd: root });
git(root, 'init', '--quiet', '--initial-branch=main');
commit(root, 'all');
await linkPackages(root);

const cargoRan = () => existsSync(join(root, 'target/debug/.fingerprint'));

await play(
  {
    async 'a shared library has the tasks of a program'() {
      const { ok: built, ran, output } = await nx(root, EVERYTHING);
      ok(built, output);
      deepEqual(
        ran.filter((task) => /^(addon|both):/.test(task) && isCached(task)),
        ['codegen', 'image', 'third-party', 'unit--00']
          .flatMap((task) => [`addon:hotpatch-${task}`, `both:hotpatch-${task}`])
          .sort(),
      );
    },

    async 'its host starts from the cache, and the first edit is patched, without cargo'() {
      await rm(join(root, 'target'), { recursive: true });
      const task = await Task.start({
        workspace: root,
        scratch: join(scratch, 'host'),
        via: 'nx',
        project: 'addon',
        options: { artifact: 'addon.so' },
        args: ['python3', 'host.py'],
      });
      await task.event('ready');
      equal(await task.ask('before'), 'before 6');
      await write(root, { 'shared/src/lib.rs': price(5) });
      await task.event('patched');
      equal(await task.ask('after'), 'after 10');
      await task.interrupt();
      match(task.output, /addon:hotpatch-image {2}\[local cache\]/);
      equal(cargoRan(), false, 'cargo built nothing');
      restore(root);
    },

    async 'a library that is a part of a program too is adopted with it'() {
      await rm(join(root, 'target'), { recursive: true });
      const { output } = await nx(root, ['run', 'app:hotpatch']);
      match(output, /both 7\n/);
      equal(cargoRan(), false, 'cargo built nothing');
    },
  },
  { scratch, keep: values.keep },
);
