//! Objects in, patch image out.
//!
//! `format` reads codegen units and the host image, `diff` finds what changed between two versions of a unit,
//! `layout` compares types, vtables and signatures, `link` writes the patch image, `arch` knows instructions.
//! Nothing in here trusts its input: malformed bytes are an `Error`, never a panic.
#![forbid(unsafe_code)]

pub mod arch;
pub mod code_digest;
pub mod diff;
pub mod format;
pub mod history;
pub mod index;
pub mod layout;
pub mod link;
pub mod live;
pub mod reason;
pub mod service;
pub mod source_places;
pub mod source_stamps;
