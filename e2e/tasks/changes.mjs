/**
 * What can change, and exactly which tasks that makes run again. All others must be hits.
 *
 * `write` lays files over the workspace, `env` sets variables for this run, `prepare` does what is neither, `undo` puts
 * back what git does not. Short names in
 * `misses`: `api` is `api:hotpatch-codegen`, `api/unit` its unit task, `api/image` and `api/third-party` likewise.
 */
import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from '../harness/workspace.mjs';
import { ownToolchain, publishElsewhere, write } from './workspace.mjs';

const PLUGIN = 'node_modules/nx-hotpatch';

const rustup = (...words) => execFileSync('rustup', words, { encoding: 'utf8' });
const compiler = (name) => rustup('run', name, 'rustc', '-vV');

/** One of another compiler that rustup has here and that knows the edition; on most machines there is none. */
const toolchain = rustup('toolchain', 'list')
  .split('\n')
  .flatMap((line) => /^1\.(?:8[5-9]|9\d)[.\d]*/.exec(line)?.[0] ?? [])
  .find((name) => compiler(name) !== compiler(ownToolchain));

const api = ['api', 'api/image'];
const tool = ['tool', 'tool/image'];
const units = ['api/unit', 'tool/unit', 'shared/unit', 'own/unit'];
const compiles = [...api, ...tool, 'shared', 'own', 'api/third-party', 'tool/third-party'];

export const changes = {
  'nothing misses nothing': { misses: [] },

  'a file that no crate reads': {
    write: { 'texts/of-nobody.txt': 'other\n', 'docs/a.md': 'x\n' },
    misses: [],
  },

  'a function body in a library of both programs': {
    write: { 'shared/src/lib.rs': 'pub fn price(count: u32) -> u32 {\n    count * 9\n}\n' },
    misses: [...api, ...tool, 'shared', 'shared/unit'],
  },

  'a function body in a program': {
    write: {
      'tool/src/main.rs': 'fn main() {\n    println!("{} {}", shared::price(4), timber::name());\n}\n',
    },
    misses: [...tool, 'tool/unit'],
  },

  'a module more': {
    write: {
      'own/src/lib.rs': 'mod more;\npub fn text() -> String {\n    more::text()\n}\n',
      'own/src/more.rs': 'pub fn text() -> String {\n    String::from("more")\n}\n',
    },
    misses: [...api, 'own', 'own/unit'],
  },

  'a file in the package that include_str! names': {
    write: { 'own/src/inside.txt': 'other\n' },
    misses: [...api, 'own', 'own/unit'],
  },

  'a file outside of the package that include_str! names': {
    write: { 'texts/outside.txt': 'other\n' },
    misses: [...api, 'own', 'own/unit'],
  },

  'a variable that option_env! names': {
    env: { SHOP_COLOUR: 'red' },
    misses: [...api, 'own', 'own/unit'],
  },

  'a build script': {
    write: { 'own/build.rs': 'fn main() {\n    println!("cargo:rustc-env=BUILT=other");\n}\n' },
    misses: [...api, 'own', 'own/unit'],
  },

  'a file that a build script watches': {
    write: { 'texts/built.txt': 'other\n' },
    misses: [...api, 'own', 'own/unit'],
  },

  'a feature that one program asks of a library': {
    prepare: (root) =>
      replace(root, 'tool/Cargo.toml', '"../shared" }', '"../shared", features = ["fast"] }'),
    // Two variants of `shared` have units from here on. `api` uses the old one still, but Nx hashes a project's
    // configuration with its files, and the features are in it.
    misses: [...api, ...tool, 'shared', 'shared/unit', 'tool/third-party', 'tool/unit'],
  },

  'another profile': {
    write: {
      'Cargo.toml':
        '[workspace]\nmembers = ["api", "tool", "shared", "own"]\nresolver = "2"\n[profile.dev]\noverflow-checks = false\n',
    },
    misses: [...compiles, ...units],
  },

  'a crate from elsewhere, used by one program': {
    prepare: async (root, elsewhere) => {
      await publishElsewhere(elsewhere, 'timber', 'oak');
      execFileSync('cargo', ['update', '--quiet', '-p', 'timber'], { cwd: root });
    },
    misses: [...tool, 'tool/third-party', 'tool/unit'],
  },

  'flags for rustc': {
    env: { RUSTFLAGS: '-C overflow-checks=off' },
    misses: [...compiles, ...units],
  },

  'flags for rustc in a configuration above the workspace': {
    ...above('[build]\nrustflags = ["-Coverflow-checks=off"]\n'),
    misses: [...compiles, ...units],
  },

  'the network in a configuration above the workspace': { ...above('[net]\nretry = 3\n'), misses: [] },

  'a toolchain file that asks for the same compiler': {
    write: { 'rust-toolchain.toml': `[toolchain]\nchannel = "${ownToolchain}"\n` },
    misses: [],
  },

  'a variable that asks rustup for the same compiler': {
    env: { RUSTUP_TOOLCHAIN: ownToolchain },
    misses: [],
  },

  'another compiler': {
    prepare: otherCompiler,
    // cargo makes its version a part of every symbol's name.
    misses: [...compiles, ...units],
  },

  ...(toolchain === undefined
    ? {}
    : {
        [`another toolchain, ${toolchain}`]: {
          write: { 'rust-toolchain.toml': `[toolchain]\nchannel = "${toolchain}"\n` },
          misses: [...compiles, ...units],
        },
      }),

  'another version of this plugin': {
    prepare: otherVersion,
    undo: async (root) => {
      await rm(join(root, PLUGIN), { recursive: true });
      await rename(join(root, 'node_modules/before'), join(root, PLUGIN));
    },
    misses: [...compiles, ...units],
  },
};

/** The plugin as an npm package of another version would lie there. */
async function otherVersion(root) {
  await rename(join(root, PLUGIN), join(root, 'node_modules/before'));
  const folder = join(root, PLUGIN);
  await mkdir(folder);
  for (const name of ['dist', 'executors.json', 'generators.json', 'migrations.json'])
    await cp(join(repository, name), join(folder, name), { recursive: true });
  await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'));
  const manifest = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8'));
  await write(folder, { 'package.json': JSON.stringify({ ...manifest, version: '99.0.0' }) });
}

async function replace(root, file, from, to) {
  const text = await readFile(join(root, file), 'utf8');
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
  await write(root, { [file]: text.replace(from, to) });
}

/** A compiler that calls itself another one and makes the same. */
async function otherCompiler(root) {
  const bin = join(root, 'target/bin');
  const real = execFileSync('rustup', ['which', 'rustc'], { encoding: 'utf8' }).trim();
  const script = `#!/bin/sh\n[ "$*" = -vV ] && { '${real}' -vV | sed 's/^commit-date.*/commit-date: other/'; exit; }\nexec '${real}' "$@"\n`;
  await write(bin, { rustc: script });
  await chmod(join(bin, 'rustc'), 0o755);
  return { PATH: `${bin}:${process.env.PATH}` };
}

/** A configuration of cargo in the folder that the workspace lies in. */
function above(text) {
  return {
    prepare: (root) => write(root, { '../.cargo/config.toml': text }),
    undo: (root) => write(root, { '../.cargo/config.toml': null }),
  };
}
