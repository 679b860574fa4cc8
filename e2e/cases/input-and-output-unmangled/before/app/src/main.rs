//! Echoes what it reads, byte for byte, to both outputs, once `start` was read.
use std::io::{Read, Write};

fn main() -> std::io::Result<()> {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes)?;
    std::io::stdout().write_all(&bytes)?;
    std::io::stderr().write_all(b"\xff\x00 no newline")?;
    std::process::exit(mid::price(1) as i32)
}
