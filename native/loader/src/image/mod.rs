//! Reads a patch image. Nothing in it is believed: it is read with bounds checks, and what is in conflict with the
//! contract (`native/protocol/README.md`, "The patch image") is refused before anything is mapped.
mod contents;
mod frame_table;
pub mod frames;
mod headers;
pub mod notes;
pub mod plan;
mod relocations;
pub mod symbol_file;

pub use contents::{PatchImage, Segment};
pub use relocations::{Relocation, Value};
