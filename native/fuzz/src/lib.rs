//! Hostile bytes for everything of ours that reads bytes: one function per target, run by libFuzzer for hours
//! (`fuzz_targets/`) and by `tests/short.rs` for seconds.
//!
//! A target may refuse its input in any way it has; what it must not do is panic, overflow (arithmetic and stack), take
//! gigabytes or run on and on. What else must hold of good input stands in each target.
#![forbid(unsafe_code)]

pub mod corpus;
mod folder;
#[cfg(feature = "libfuzzer")]
pub mod libfuzzer;
pub mod mutate;
pub mod parts;
pub mod random;
pub mod targets;
