/** The Nx workspace in which the suites of this folder play, made anew from the texts below. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { linkPackages } from '../harness/workspace.mjs';

/** The one that rustup takes by itself. */
export const [ownToolchain] = execFileSync('rustup', ['show', 'active-toolchain'], {
  encoding: 'utf8',
}).split(' ');

const manifest = (name, rest = '') =>
  `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2024"\n${rest}`;

/**
 * Two programs, `api` and `tool`. Both contain `shared`; `api` also `own`, which has a build script. Each program uses a
 * crate from elsewhere: a git repository beside the workspace, so that no network is needed.
 */
const files = ({ elsewhere }) => ({
  'package.json': '{ "name": "shop", "private": true }\n',
  'nx.json': `${JSON.stringify({ plugins: ['nx-hotpatch'], analytics: false })}\n`,
  '.gitignore': 'target/\nnode_modules/\n.nx/\n',
  'Cargo.toml': '[workspace]\nmembers = ["api", "tool", "shared", "own"]\nresolver = "2"\n',
  'api/Cargo.toml': manifest(
    'api',
    `[dependencies]\nshared = { path = "../shared" }\nown = { path = "../own" }\nsteel = { git = "file://${elsewhere}/steel" }\n`,
  ),
  'api/src/main.rs':
    'fn main() {\n    println!("{} {} {}", shared::price(2), own::text(), steel::name());\n}\n',
  'tool/Cargo.toml': manifest(
    'tool',
    `[dependencies]\nshared = { path = "../shared" }\ntimber = { git = "file://${elsewhere}/timber" }\n`,
  ),
  'tool/src/main.rs': 'fn main() {\n    println!("{} {}", shared::price(3), timber::name());\n}\n',
  'shared/Cargo.toml': manifest('shared', '[features]\nfast = []\n'),
  'shared/src/lib.rs': [
    'pub fn price(count: u32) -> u32 {',
    '    count * if cfg!(feature = "fast") { 7 } else { 5 }',
    '}',
    '',
  ].join('\n'),
  'own/Cargo.toml': manifest('own'),
  'own/build.rs': [
    'fn main() {',
    '    println!("cargo:rerun-if-changed=../texts/built.txt");',
    '    println!("cargo:rustc-env=BUILT={}", include_str!("../texts/built.txt").trim());',
    '}',
    '',
  ].join('\n'),
  'own/src/lib.rs': [
    'pub fn text() -> String {',
    '    format!("{}{}{}{:?}", include_str!("inside.txt"), include_str!("../../texts/outside.txt"), env!("BUILT"), option_env!("SHOP_COLOUR"))',
    '}',
    '',
  ].join('\n'),
  'own/src/inside.txt': 'inside\n',
  'texts/outside.txt': 'outside\n',
  'texts/built.txt': 'built\n',
  'texts/of-nobody.txt': 'of nobody\n',
});

/** A crate in a git repository. Called again with another text it gets one more commit. */
export async function publishElsewhere(folder, name, text) {
  const repository = join(folder, name);
  await write(repository, {
    'Cargo.toml': manifest(name),
    'src/lib.rs': `pub fn name() -> &'static str {\n    "${text}"\n}\n`,
  });
  if (!existsSync(join(repository, '.git'))) git(repository, 'init', '--quiet', '--initial-branch=main');
  commit(repository, text);
}

/** @param scratch an empty folder */
export async function makeTasksWorkspace(scratch, name = 'ws') {
  const elsewhere = join(scratch, 'elsewhere');
  const root = join(scratch, name);
  await publishElsewhere(elsewhere, 'steel', 'steel');
  await publishElsewhere(elsewhere, 'timber', 'timber');
  await write(root, files({ elsewhere }));
  execFileSync('cargo', ['generate-lockfile', '--quiet'], { cwd: root });
  git(root, 'init', '--quiet', '--initial-branch=main');
  commit(root, 'all');
  await linkPackages(root);
  return { root, elsewhere };
}

/** As in the last commit again. What is ignored stays. */
export function restore(root) {
  git(root, 'checkout', '--quiet', '.');
  git(root, 'clean', '--quiet', '-fd', '-e', 'node_modules');
}

export async function write(folder, texts) {
  for (const [file, text] of Object.entries(texts)) {
    const path = join(folder, file);
    await mkdir(dirname(path), { recursive: true });
    if (text === null) await rm(path);
    else await writeFile(path, text);
  }
}

export function commit(folder, message) {
  git(folder, 'add', '--all');
  git(
    folder,
    '-c',
    'user.name=shop',
    '-c',
    'user.email=shop@example.org',
    'commit',
    '--quiet',
    '-m',
    message,
  );
}

export function git(folder, ...args) {
  return execFileSync('git', args, { cwd: folder, encoding: 'utf8' });
}
