//! The patch image as an ELF64 shared object (see `protocol/README.md`, "The patch image").
//!
//! Relocation needs addresses and the file needs relocated bytes, so writing takes two steps: [`Layout::new`] gives
//! every block its address from sizes alone; the caller relocates its blocks against those addresses; [`write`]
//! makes the file. File offset and address of what is loaded differ only by whole pages.
mod dynamic;
mod error;
mod frame_table;
mod headers;
mod layout;
mod parts;
mod sections;
mod spec;
mod symbols;
mod write;

pub use error::Error;
pub use layout::{Layout, TlsImage};
pub use spec::{
    BlockKind, BlockSpec, Contents, DynamicKind, DynamicRelocation, ImageSpec, Import,
    NamedSection, SymbolKind, SymbolSpec,
};
pub use write::write;
