//! The image writer on objects of the rustc on PATH.
mod linker;
mod objects;
mod readers;
mod runs;
