//! Writes the patch image.
pub mod debug;
pub mod elf;
pub mod unwind;
