//! An object's `.eh_frame`, function by function.
use super::cie::{self, Cie};
use super::record::Record;
use super::section::{sections, Section};
use super::Error;
use crate::format::Elf;
use object::SectionIndex;
use rustc_hash::FxHashMap;

/// Where a function's language-specific data lies in its object: a section `.gcc_except_table.*` and an offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lsda {
    pub section: SectionIndex,
    pub offset: u64,
}

/// One FDE, with what its CIE says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'data> {
    /// Text section and offset in it where the function starts.
    pub section: SectionIndex,
    pub offset: u64,
    /// Bytes of code that the FDE covers.
    pub size: u64,
    pub lsda: Option<Lsda>,
    /// DW_CFA_* of the FDE, with the padding (`DW_CFA_nop`) that the compiler put behind them.
    pub instructions: &'data [u8],
    pub(super) cie: Cie<'data>,
}

impl<'data> Frame<'data> {
    /// The personality routine's own name: `rust_eh_personality`, also where the object reaches it through a
    /// `DW.ref.*` slot.
    pub fn personality(&self) -> Option<&'data str> {
        self.cie.personality
    }
}

/// The frames of one object.
#[derive(Debug, Clone, Default)]
pub struct Frames<'data> {
    /// By section and offset.
    frames: Vec<Frame<'data>>,
}

impl<'data> Frames<'data> {
    /// Reads `.eh_frame` and its relocations. An object without one has no frames.
    pub fn read(elf: &Elf<'data>) -> Result<Frames<'data>, Error> {
        let mut frames = Vec::new();
        for section in sections(elf) {
            read_section(&section?, &mut frames)?;
        }
        frames.sort_by_key(|frame| (frame.section.0, frame.offset));
        Ok(Frames { frames })
    }

    /// The frame of the function that starts at `offset` of a text section. A function need not have one.
    pub fn at(&self, section: SectionIndex, offset: u64) -> Option<&Frame<'data>> {
        let key = (section.0, offset);
        let index = self
            .frames
            .partition_point(|frame| (frame.section.0, frame.offset) < key);
        self.frames
            .get(index)
            .filter(|frame| (frame.section.0, frame.offset) == key)
    }

    /// All frames of a text section, by offset.
    pub fn of(&self, section: SectionIndex) -> &[Frame<'data>] {
        let start = self
            .frames
            .partition_point(|frame| frame.section.0 < section.0);
        let end = self
            .frames
            .partition_point(|frame| frame.section.0 <= section.0);
        self.frames.get(start..end).unwrap_or_default()
    }

    /// All frames of the object, by section and offset.
    pub fn iter(&self) -> impl Iterator<Item = &Frame<'data>> {
        self.frames.iter()
    }
}

fn read_section<'data>(
    section: &Section<'_, 'data>,
    frames: &mut Vec<Frame<'data>>,
) -> Result<(), Error> {
    let mut cies: FxHashMap<u64, Cie<'data>> = FxHashMap::default();
    let mut next = 0;
    while let Some(mut record) = section.record(next)? {
        next = record.end();
        match record.cie_offset()? {
            None => {
                cies.insert(record.start(), cie::read(record)?);
            }
            Some(offset) => {
                let cie = cies
                    .get(&offset)
                    .ok_or_else(|| record.malformed("an FDE points to no CIE before it"))?;
                frames.push(read_fde(record, cie)?);
            }
        }
    }
    Ok(())
}

/// DWARF 5 section 6.4.1 with the LSB's changes: PC begin and PC range, augmentation data, instructions.
fn read_fde<'data>(mut record: Record<'_, 'data>, cie: &Cie<'data>) -> Result<Frame<'data>, Error> {
    let function = record
        .pointer(cie.function_encoding)?
        .ok_or_else(|| record.malformed("an FDE without a function"))?;
    let (section, offset) = function.defined(&record)?;
    let size = record.unsigned(cie.function_encoding)?;
    let mut lsda = None;
    if cie.augmented {
        let augmentation_end = record.augmentation_end()?;
        if let Some(encoding) = cie.lsda_encoding {
            if let Some(target) = record.pointer(encoding)? {
                let (section, offset) = target.defined(&record)?;
                lsda = Some(Lsda { section, offset });
            }
        }
        record.skip_to(augmentation_end)?;
    }
    let instructions = record.finish()?;
    Ok(Frame {
        section,
        offset,
        size,
        lsda,
        instructions,
        cie: *cie,
    })
}
