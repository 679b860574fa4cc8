//! The image writer on objects of the rustc on PATH.
mod addresses;
mod frames;
mod hostile;
mod lines;
mod linker;
mod moved;
mod objects;
mod readers;
mod reading;
mod runs;
