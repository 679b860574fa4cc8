//! Lives inside the program that is being patched: receives, loads, applies and undoes patches.
pub mod protocol;
