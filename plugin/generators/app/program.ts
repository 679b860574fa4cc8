/** Cargo.toml of the program. Edition 2024 came with rustc 1.85, the oldest that can be hot patched with. */
export function manifest(name: string): string {
  return `[package]
name = "${name}"
version = "0.1.0"
edition = "2024"
publish = false
`;
}

/**
 * The program: its count lives in `main`, which never returns, and its text in a function that is called anew for every
 * line, so that a save shows at once what survives.
 */
export function program(name: string, folder: string): string {
  return `//! Start it with \`nx run ${name}:hotpatch\`, then change the text in \`line\` and save this file
//! (${folder}/src/main.rs): the new text appears, and the count goes on.

use std::thread;
use std::time::Duration;

fn main() {
    let mut count = 0;
    loop {
        count += 1;
        println!("{}", line(count));
        thread::sleep(Duration::from_secs(1));
    }
}

fn line(count: u64) -> String {
    format!("{count} lines so far")
}
`;
}
