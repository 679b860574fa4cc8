//! The copy of a patch image that debuggers read from memory.
//!
//! A debugger that is told of code by the JIT interface ([`crate::os::debugger`]) does not ask where it was loaded: it
//! takes every address in the file as it stands ("it should all of the absolute addresses that we care about",
//! gdb/jit.c). So the load bias is added to the addresses of sections and symbols, and to the words of debug sections
//! that the engine lists in `.nx_hotpatch.addresses` (offsets in the file, u32). Unwind tables are relative to their
//! own place (DW_EH_PE_pcrel) and stay as they are. The copy has no program headers: what is loaded where is settled.
#![forbid(unsafe_code)]

use object::elf::{FileHeader64, SHF_ALLOC, SHN_ABS, SHN_UNDEF, SHT_SYMTAB, STT_TLS};
use object::read::elf::{FileHeader, SectionHeader, Sym};
use object::LittleEndian;

use super::headers::Header;

const E_PHOFF: usize = std::mem::offset_of!(FileHeader64<LittleEndian>, e_phoff);
const E_PHNUM: usize = std::mem::offset_of!(FileHeader64<LittleEndian>, e_phnum);
/// Sizes of Elf64_Shdr and Elf64_Sym, and where their addresses stand in them (gABI, "Sections", "Symbol Table").
const SECTION: u64 = 64;
const SH_ADDR: u64 = 16;
const SYMBOL: u64 = 24;
const ST_VALUE: u64 = 8;

/// None when `image` is not well-formed enough for it; a patch runs all the same without a debugger's notice.
pub fn at(bias: u64, image: &[u8]) -> Option<Vec<u8>> {
    let end = LittleEndian;
    let header = Header::parse(image).ok()?;
    let sections = header.sections(end, image).ok()?;
    let mut copy = Copy {
        bytes: image.to_vec(),
        bias,
    };
    for (index, section) in sections.enumerate() {
        if section.sh_flags(end).contains(SHF_ALLOC) {
            let entry = SECTION.checked_mul(index.0 as u64)?;
            copy.shift(
                header
                    .e_shoff(end)
                    .checked_add(entry)?
                    .checked_add(SH_ADDR)?,
            )?;
        }
        if section.sh_type(end) == SHT_SYMTAB {
            let symbols = section.data_as_array(end, image).ok()?;
            copy.shift_symbols(section.sh_offset(end), symbols)?;
        }
    }
    let (_, list) = sections.section_by_name(end, b".nx_hotpatch.addresses")?;
    for place in list.data(end, image).ok()?.chunks(4) {
        copy.shift(u32::from_le_bytes(place.try_into().ok()?).into())?;
    }
    copy.bytes.get_mut(E_PHOFF..E_PHOFF + 8)?.fill(0);
    copy.bytes.get_mut(E_PHNUM..E_PHNUM + 2)?.fill(0);
    Some(copy.bytes)
}

struct Copy {
    bytes: Vec<u8>,
    bias: u64,
}

impl Copy {
    /// Adds the bias to the word at `offset` of the file.
    fn shift(&mut self, offset: u64) -> Option<()> {
        let word = self.bytes.get_mut(usize::try_from(offset).ok()?..)?;
        let word = word.first_chunk_mut::<8>()?;
        *word = u64::from_le_bytes(*word)
            .wrapping_add(self.bias)
            .to_le_bytes();
        Some(())
    }

    /// A symbol without a section has no address, and that of a thread-local is an offset in its block.
    fn shift_symbols(
        &mut self,
        table: u64,
        symbols: &[object::elf::Sym64<LittleEndian>],
    ) -> Option<()> {
        for (index, symbol) in (0u64..).zip(symbols) {
            let section = symbol.st_shndx(LittleEndian);
            if section != SHN_UNDEF && section != SHN_ABS && symbol.st_type() != STT_TLS {
                let entry = SYMBOL.checked_mul(index)?;
                self.shift(table.checked_add(entry)?.checked_add(ST_VALUE)?)?;
            }
        }
        Some(())
    }
}
