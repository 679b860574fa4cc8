//! Addresses from sizes.
use super::{Error, ImageSpec};

/// PT_TLS: the initial image of the new thread-locals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TlsImage {
    /// Address of the initial contents in the image.
    pub address: u64,
    /// Bytes with contents (`.tdata`).
    pub file_size: u64,
    /// Bytes with `.tbss`.
    pub mem_size: u64,
    pub align: u64,
}

/// Where everything lies, relative to the image's load bias.
#[derive(Debug, Clone)]
pub struct Layout {
    blocks: Vec<u64>,
}

impl Layout {
    /// Gives every block and table its address. The same spec always gives the same layout.
    pub fn new(spec: &ImageSpec) -> Result<Layout, Error> {
        let _ = spec;
        Ok(Layout { blocks: Vec::new() })
    }

    /// Address of a block of `ImageSpec::blocks`. For thread-locals it is the address of the initial contents:
    /// subtract `tls().address` for the offset in the TLS block.
    pub fn block(&self, index: usize) -> Option<u64> {
        self.blocks.get(index).copied()
    }

    /// Address of `.eh_frame`.
    pub fn eh_frame(&self) -> u64 {
        0
    }

    pub fn tls(&self) -> Option<TlsImage> {
        None
    }

    /// Bytes of address space from 0 to the end of the last segment, a whole number of pages.
    pub fn memory_size(&self) -> u64 {
        0
    }
}
