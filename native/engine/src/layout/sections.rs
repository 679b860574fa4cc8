//! The debug sections of a relocatable object, with their relocations applied.
//!
//! In an object every offset between debug sections and every address is a relocation. They are written into a copy of
//! the section once, which is cheaper than asking a relocation map at every one of some hundred thousand reads.

use super::error::Error;
use crate::format::Elf;
use gimli::{DwarfSections, EndianSlice, SectionId};
use object::elf::{
    SectionHeader64, R_X86_64_32, R_X86_64_64, R_X86_64_DTPOFF32, R_X86_64_DTPOFF64, R_X86_64_NONE,
    SHF_COMPRESSED, SHT_RELA,
};
use object::read::elf::{Rela as _, SectionHeader as _, Sym as _};
use object::{LittleEndian, SectionIndex, SymbolIndex};
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// A stretch of a debug section.
pub type Slice<'a> = EndianSlice<'a, gimli::LittleEndian>;

type Rela = object::elf::Rela64<LittleEndian>;

/// Where an address operand was read: which debug section, and at which offset in it.
#[derive(Debug, Clone, Copy)]
pub struct Operand {
    pub section: SectionId,
    pub offset: usize,
}

/// The debug sections of one object.
pub struct Sections<'data> {
    dwarf: DwarfSections<Cow<'data, [u8]>>,
    /// Relocations of the sections that hold address operands.
    relocations: FxHashMap<SectionId, &'data [Rela]>,
    elf: &'data Elf<'data>,
}

/// What the tables read. Ranges, locations and unwind tables are no concern of theirs, and stay empty.
fn is_read(id: SectionId) -> bool {
    use SectionId::{
        DebugAbbrev, DebugAddr, DebugInfo, DebugLine, DebugLineStr, DebugStr, DebugStrOffsets,
    };
    matches!(
        id,
        DebugInfo | DebugAbbrev | DebugStr | DebugStrOffsets | DebugLine | DebugLineStr | DebugAddr
    )
}

impl<'data> Sections<'data> {
    /// # Errors
    /// [`Error::NoDebugInfo`], [`Error::Compressed`], or [`Error::Malformed`] for a relocation out of bounds.
    pub fn read(elf: &'data Elf<'data>) -> Result<Self, Error> {
        let endian = elf.endian();
        let table = elf.elf_section_table();
        let mut by_name = FxHashMap::default();
        let mut rela_of: FxHashMap<usize, &SectionHeader64<LittleEndian>> = FxHashMap::default();
        for (index, header) in table.enumerate() {
            if header.sh_type(endian) == SHT_RELA {
                rela_of.insert(header.sh_info(endian) as usize, header);
            } else if let Ok(name) = table.section_name(endian, header) {
                if name.starts_with(b".debug_") {
                    by_name.insert(name, (index, header));
                }
            }
        }
        let mut relocations = FxHashMap::default();
        let dwarf = DwarfSections::load(|id| -> Result<Cow<'data, [u8]>, Error> {
            let Some((index, header)) = by_name.get(id.name().as_bytes()).filter(|_| is_read(id))
            else {
                return if id == SectionId::DebugInfo {
                    Err(Error::NoDebugInfo)
                } else {
                    Ok(Cow::Borrowed(&[]))
                };
            };
            if header.sh_flags(endian).0 & SHF_COMPRESSED.0 != 0 {
                return Err(Error::Compressed(id.name().to_owned()));
            }
            let bytes = header.data(endian, elf.data())?;
            let Some(rela) = rela_of.get(&index.0) else {
                return Ok(Cow::Borrowed(bytes));
            };
            let entries: &'data [Rela] = match rela.rela(endian, elf.data())? {
                Some((entries, _)) => entries,
                None => &[],
            };
            if matches!(id, SectionId::DebugInfo | SectionId::DebugAddr) {
                relocations.insert(id, entries);
            }
            Ok(Cow::Owned(relocate(elf, id, bytes, entries)?))
        })?;
        Ok(Sections {
            dwarf,
            relocations,
            elf,
        })
    }

    /// The sections as `gimli` reads them.
    pub fn dwarf(&self) -> gimli::Dwarf<Slice<'_>> {
        self.dwarf
            .borrow(|section| EndianSlice::new(section, gimli::LittleEndian))
    }

    /// The section and the offset in it that the address at `operand` points to; `None` when it points to no section of
    /// this object, as the address of discarded data does.
    pub fn place(&self, operand: Operand) -> Option<(SectionIndex, u64)> {
        let relocations = self.relocations.get(&operand.section)?;
        let endian = self.elf.endian();
        let offset = operand.offset as u64;
        // LLVM writes them in order; others need not.
        let rela = match relocations.binary_search_by_key(&offset, |rela| rela.r_offset(endian)) {
            Ok(at) => relocations.get(at)?,
            Err(_) => relocations
                .iter()
                .find(|rela| rela.r_offset(endian) == offset)?,
        };
        let index = SymbolIndex(rela.r_sym(endian, false) as usize);
        let symbols = self.elf.elf_symbol_table();
        let symbol = symbols.symbol(index).ok()?;
        let section = symbols.symbol_section(endian, symbol, index).ok()??;
        Some((
            section,
            symbol
                .st_value(endian)
                .wrapping_add_signed(rela.r_addend(endian)),
        ))
    }
}

/// Writes `S + A` (psABI x86-64, table 4.10) at every place; a debug section's symbol has the value 0 in an object, so
/// an offset between debug sections is the addend alone.
fn relocate(
    elf: &Elf<'_>,
    id: SectionId,
    bytes: &[u8],
    entries: &[Rela],
) -> Result<Vec<u8>, Error> {
    let endian = elf.endian();
    let symbols = elf.elf_symbol_table().symbols();
    let mut bytes = bytes.to_vec();
    for rela in entries {
        let offset = rela.r_offset(endian);
        let fault = |what: &str| {
            Error::malformed(format_args!(
                "relocation at {}+{offset:#x} {what}",
                id.name()
            ))
        };
        let symbol = symbols
            .get(rela.r_sym(endian, false) as usize)
            .ok_or_else(|| fault("names no symbol"))?;
        let value = symbol
            .st_value(endian)
            .wrapping_add_signed(rela.r_addend(endian));
        let start = usize::try_from(offset).map_err(|_| fault("is out of bounds"))?;
        let tail = bytes
            .get_mut(start..)
            .ok_or_else(|| fault("is out of bounds"))?;
        let kind = rela.r_type(endian, false);
        let written = if kind == R_X86_64_64 || kind == R_X86_64_DTPOFF64 {
            tail.first_chunk_mut()
                .map(|place| *place = value.to_le_bytes())
        } else if kind == R_X86_64_32 || kind == R_X86_64_DTPOFF32 {
            let value = u32::try_from(value).map_err(|_| fault("does not fit 32 bits"))?;
            tail.first_chunk_mut()
                .map(|place| *place = value.to_le_bytes())
        } else if kind == R_X86_64_NONE {
            Some(())
        } else {
            return Err(fault(&format!("has the unexpected kind {kind}")));
        };
        written.ok_or_else(|| fault("is out of bounds"))?;
    }
    Ok(bytes)
}
