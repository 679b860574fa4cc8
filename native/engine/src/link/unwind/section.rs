//! `.eh_frame` sections of an object and the relocations that belong to them.
use super::record::Record;
use super::Error;
use crate::format::Elf;
use gimli::{EndianSlice, LittleEndian as Little, Reader};
use object::elf::{Rela64, RelocationType, R_X86_64_NONE};
use object::read::elf::SectionHeader;
use object::{LittleEndian, SectionIndex};

pub(super) type Rela = Rela64<LittleEndian>;

/// Each is held against all relocation sections; a damaged object can have sixty thousand.
const MOST: usize = 16;

/// The `.eh_frame` sections of an object: one, unless a linker joined objects with `-r`.
pub(super) fn sections<'elf, 'data>(
    elf: &'elf Elf<'data>,
) -> impl Iterator<Item = Result<Section<'elf, 'data>, Error>> {
    let table = elf.elf_section_table();
    table
        .enumerate()
        .filter(|(_, header)| table.section_name(LittleEndian, header) == Ok(b".eh_frame"))
        .enumerate()
        .map(|(at, (index, _))| match at {
            MOST.. => Err(unsupported(0, "more unwind tables than one object needs")),
            _ => Section::read(elf, index),
        })
}

/// An `.eh_frame` with its relocations in order of place.
pub(super) struct Section<'elf, 'data> {
    pub(super) elf: &'elf Elf<'data>,
    bytes: &'data [u8],
    relocations: Vec<&'data Rela>,
}

impl<'elf, 'data> Section<'elf, 'data> {
    fn read(elf: &'elf Elf<'data>, index: SectionIndex) -> Result<Section<'elf, 'data>, Error> {
        let unreadable = |_| malformed(0, "the section cannot be read");
        let table = elf.elf_section_table();
        let bytes = table
            .section(index)
            .and_then(|header| header.data(LittleEndian, elf.data()))
            .map_err(unreadable)?;
        let mut relocations: Vec<&Rela> = Vec::new();
        for header in table.iter() {
            if header.sh_info(LittleEndian) as usize != index.0 {
                continue;
            }
            if let Some((entries, _)) = header.rela(LittleEndian, elf.data()).map_err(unreadable)? {
                relocations.extend(entries.iter().filter(|entry| kind(entry) != R_X86_64_NONE));
            }
        }
        relocations.sort_by_key(|entry| entry.r_offset.get(LittleEndian));
        Ok(Section {
            elf,
            bytes,
            relocations,
        })
    }

    pub(super) fn relocation(&self, place: u64) -> Option<&'data Rela> {
        let index = self
            .relocations
            .partition_point(|entry| entry.r_offset.get(LittleEndian) < place);
        let entry = self.relocations.get(index).copied();
        entry.filter(|entry| entry.r_offset.get(LittleEndian) == place)
    }

    pub(super) fn relocation_count(&self, start: u64, end: u64) -> usize {
        let before = |place| {
            self.relocations
                .partition_point(|entry| entry.r_offset.get(LittleEndian) < place)
        };
        before(end) - before(start)
    }

    /// The record at `offset`; `None` at the end. Zero words between records (a terminator of a joined object) are
    /// stepped over.
    pub(super) fn record(&self, mut offset: u64) -> Result<Option<Record<'_, 'data>>, Error> {
        loop {
            let rest = usize::try_from(offset)
                .ok()
                .and_then(|offset| self.bytes.get(offset..));
            let mut rest = EndianSlice::new(rest.unwrap_or_default(), Little);
            if rest.is_empty() {
                return Ok(None);
            }
            let length = rest
                .read_u32()
                .map_err(|_| malformed(offset, "a cut record"))?;
            match length {
                0 => offset += 4,
                0xffff_ffff => return Err(unsupported(offset, "a record of the 64-bit format")),
                _ => {
                    let body = rest
                        .split(length as usize)
                        .map_err(|_| malformed(offset, "a cut record"))?;
                    return Ok(Some(Record::new(self, offset, body)));
                }
            }
        }
    }
}

pub(super) fn kind(entry: &Rela) -> RelocationType {
    entry.r_type(LittleEndian, false)
}

pub(super) fn malformed(offset: u64, what: &'static str) -> Error {
    Error::Malformed { offset, what }
}

pub(super) fn unsupported(offset: u64, what: &'static str) -> Error {
    Error::Unsupported { offset, what }
}
