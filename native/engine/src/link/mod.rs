//! Writes the patch image.
pub mod elf;
