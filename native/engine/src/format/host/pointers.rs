//! Pointers in the image's own data, by the relocations with which the dynamic linker fills them in.

use super::HostImage;
use object::elf;
use object::read::elf::{FileHeader, ProgramHeader, SectionHeader, SectionTable};
use object::Endianness;
use rustc_hash::FxHashSet;
use std::ops::Range;

type Header = elf::FileHeader64<Endianness>;

/// `r_offset`, `r_info`, `r_addend` (gABI, "Relocation").
const RELA: usize = 24;
/// Bytes of a symbol, and where its section and its value stand (gABI, "Symbol Table").
const SYMBOL: usize = 24;
const SECTION: usize = 6;
const VALUE: usize = 8;

/// Linkers and the dynamic linker read these; nobody has a pointer to a place in them.
const NOBODYS: [&[u8]; 6] = [
    b".got",
    b".got.plt",
    b".dynamic",
    b".init_array",
    b".fini_array",
    b".preinit_array",
];

/// Where the image says which of its words are pointers.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// Whether all of them are said: the image can lie anywhere, and packs no relocations (`SHT_RELR`).
    are_known: bool,
    relocations: Vec<Range<u64>>,
    symbols: Range<u64>,
    /// What is read-only once the program runs.
    constant: Vec<Range<u64>>,
    nobodys: Vec<Range<u64>>,
}

/// A word of the image's constants that holds an address of the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pointer {
    pub place: u64,
    pub target: u64,
}

impl Tables {
    pub(super) fn of(
        header: &Header,
        sections: &SectionTable<'_, Header>,
        endian: Endianness,
        data: &[u8],
    ) -> Tables {
        let mut tables = Tables {
            are_known: header.e_type(endian) == elf::ET_DYN,
            ..Tables::default()
        };
        for section in sections.iter() {
            let start = section.sh_addr(endian);
            let range = start..start.saturating_add(section.sh_size(endian));
            let is_loaded = section.sh_flags(endian).0 & elf::SHF_ALLOC.0 != 0;
            match section.sh_type(endian) {
                elf::SHT_RELR | elf::SHT_REL if is_loaded => tables.are_known = false,
                elf::SHT_RELA if is_loaded => tables.relocations.push(range),
                elf::SHT_DYNSYM => tables.symbols = range,
                _ => {
                    let name = sections.section_name(endian, section);
                    if name.is_ok_and(|name| NOBODYS.contains(&name)) {
                        tables.nobodys.push(range);
                    }
                }
            }
        }
        let segments = header.program_headers(endian, data).unwrap_or_default();
        for segment in segments {
            if segment.p_type(endian) == elf::PT_GNU_RELRO {
                let start = segment.p_vaddr(endian);
                let end = start.saturating_add(segment.p_memsz(endian));
                tables.constant.push(start..end);
            }
        }
        tables
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u64> {
    let word = bytes.get(at..at.checked_add(8)?)?;
    Some(u64::from_le_bytes(word.try_into().ok()?))
}

impl HostImage {
    /// All pointers in the image's constants to its own code and data, ascending by place; `None` when the image does not
    /// say which words are pointers. Those in statics are not among them: the program can change them.
    pub fn constant_pointers(&self) -> Option<Vec<Pointer>> {
        let tables = &self.pointers;
        if !tables.are_known {
            return None;
        }
        let is_in = |all: &[Range<u64>], place: u64| all.iter().any(|of| of.contains(&place));
        let mut found = Vec::new();
        for range in &tables.relocations {
            let len = usize::try_from(range.end.checked_sub(range.start)?).ok()?;
            for entry in self.read(range.start, len)?.chunks_exact(RELA) {
                let place = word(entry, 0)?;
                if !is_in(&tables.constant, place) || is_in(&tables.nobodys, place) {
                    continue;
                }
                let (info, addend) = (word(entry, 8)?, word(entry, 16)?);
                let symbol = match (info as u32, (info >> 32) as usize) {
                    (kind, _) if kind == elf::R_X86_64_RELATIVE.0 => Some(0),
                    (kind, symbol) if kind == elf::R_X86_64_64.0 => self.value(symbol),
                    _ => None,
                };
                found.extend(symbol.map(|value| Pointer {
                    place,
                    target: value.wrapping_add(addend),
                }));
            }
        }
        found.sort_by_key(|pointer| pointer.place);
        Some(found)
    }

    /// Whether an address lies among the constants that have pointers in them.
    pub fn may_be_table(&self, address: u64) -> bool {
        let constant = &self.pointers.constant;
        constant.iter().any(|range| range.contains(&address))
    }

    /// Addresses that other programs and libraries can find by name.
    pub fn exported(&self) -> FxHashSet<u64> {
        let symbols = &self.pointers.symbols;
        let size = usize::try_from(symbols.end.saturating_sub(symbols.start)).ok();
        // A damaged table can claim any size.
        let bytes = size.and_then(|size| self.read(symbols.start, size));
        let count = bytes.map_or(0, <[u8]>::len) / SYMBOL;
        (1..count).filter_map(|symbol| self.value(symbol)).collect()
    }

    /// What a symbol of the dynamic symbol table stands for; `None` when another image defines it.
    fn value(&self, symbol: usize) -> Option<u64> {
        let at = symbol.checked_mul(SYMBOL)?;
        let start = self.pointers.symbols.start.checked_add(at as u64)?;
        let entry = self.read(start, SYMBOL)?;
        let section = entry.get(SECTION..SECTION + 2)?;
        (section != [0, 0]).then(|| word(entry, VALUE)).flatten()
    }
}
