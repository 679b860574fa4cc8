import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * A Cargo workspace in a temporary folder: the binary `app`, the library `core_lib` (build script, `include!` from
 * OUT_DIR, `include_str!`, proc macro), below it the library `base`, and a third-party crate from a vendored registry,
 * so that no network is needed.
 */
export class CargoWorkspace {
  readonly root = realpathSync(mkdtempSync(path.join(tmpdir(), 'hotpatch-workspace-')));

  constructor(changes: Readonly<Record<string, string>> = {}) {
    this.write({ ...FILES, ...changes });
  }

  path(file: string): string {
    return path.join(this.root, file);
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(path.dirname(this.path(file)), { recursive: true });
      writeFileSync(this.path(file), text);
    }
  }

  /** Replaces a text that must be there. @returns the absolute path, as a watcher would give it */
  edit(file: string, from: string, to: string): string {
    const text = readFileSync(this.path(file), 'utf8');
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
    this.write({ [file]: text.replace(from, to) });
    return this.path(file);
  }

  /** Runs an ordinary `cargo build`. @returns names of the crates that were compiled */
  build(env: Readonly<Record<string, string>> = {}): readonly string[] {
    const out = execFileSync('cargo', ['build', '--package', 'app', '--message-format=json', '--quiet'], {
      cwd: this.root,
      env: { ...process.env, ...env },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const messages = out
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as BuildMessage);
    return messages.flatMap(({ fresh, target }) => (fresh === false ? (target?.name ?? []) : []));
  }

  run(executable: string): string {
    return execFileSync(executable, { encoding: 'utf8' }).trim();
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

interface BuildMessage {
  readonly fresh?: boolean;
  readonly target?: { readonly name: string };
}

function manifest(name: string, more = ''): string {
  return `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n${more}\n`;
}

const FILES: Readonly<Record<string, string>> = {
  'Cargo.toml': '[workspace]\nmembers = ["app", "core_lib", "base", "mac"]\nresolver = "2"\n',
  '.cargo/config.toml':
    '[source.crates-io]\nreplace-with = "vendored"\n[source.vendored]\ndirectory = "vendor"\n',
  'vendor/tally/Cargo.toml': manifest('tally'),
  'vendor/tally/.cargo-checksum.json': '{"files":{}}',
  'vendor/tally/src/lib.rs': 'pub fn ones(n: u32) -> u32 { n.count_ones() }\n',
  'app/Cargo.toml': manifest('app', '[dependencies]\ncore_lib = { path = "../core_lib" }\ntally = "0.1"'),
  'app/src/main.rs':
    'mod page;\nfn main() { println!("{} {} {}", page::hello(), core_lib::price(2), tally::ones(7)); }\n',
  'app/src/page.rs': 'pub fn hello() -> u32 { 1 }\npub fn other() -> u32 { 2 }\n',
  'core_lib/Cargo.toml': manifest(
    'core_lib',
    '[dependencies]\nbase = { path = "../base" }\nmac = { path = "../mac" }',
  ),
  'core_lib/build.rs': `fn main() {
    println!("cargo:rerun-if-changed=seed.txt");
    println!("cargo:rustc-env=FROM_SCRIPT=yes");
    let out = std::env::var("OUT_DIR").unwrap();
    std::fs::write(out + "/generated.rs", "pub const GENERATED: u32 = 100;").unwrap();
}
`,
  'core_lib/seed.txt': 'seed\n',
  'core_lib/text.txt': 'hi',
  'core_lib/src/lib.rs': `include!(concat!(env!("OUT_DIR"), "/generated.rs"));
const SCRIPT: &str = env!("FROM_SCRIPT");
pub fn price(x: u32) -> u32 {
    base::twice(x) + GENERATED + mac::ten!() + include_str!("../text.txt").len() as u32 + SCRIPT.len() as u32
}
`,
  'base/Cargo.toml': manifest('base'),
  'base/src/lib.rs': 'pub fn twice(x: u32) -> u32 { x * 2 }\n',
  'mac/Cargo.toml': manifest('mac', '[lib]\nproc-macro = true'),
  'mac/src/lib.rs':
    'use proc_macro::TokenStream;\n#[proc_macro]\npub fn ten(_: TokenStream) -> TokenStream { "10u32".parse().unwrap() }\n',
};
