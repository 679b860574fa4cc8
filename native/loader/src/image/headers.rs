//! The image's ELF headers: segments, and the tables that the dynamic section points to.
#![forbid(unsafe_code)]

use object::elf::{self, Dyn64, FileHeader64, ProgramHeader64};
use object::read::elf::{Dyn, FileHeader, ProgramHeader};
use object::LittleEndian;

use super::contents::Segment;
use crate::os::memory::PAGE;
use crate::refusal::{corrupt, Refusal};

pub type Header = FileHeader64<LittleEndian>;

/// The header of an ELF64 shared object for x86_64.
pub fn header(data: &[u8]) -> Result<&Header, Refusal> {
    let header = Header::parse(data).map_err(corrupt)?;
    let endian = header.endian().map_err(corrupt)?;
    if header.e_type(endian) != elf::ET_DYN || header.e_machine(endian) != elf::EM_X86_64 {
        return Err(corrupt("it is no shared object for x86_64"));
    }
    Ok(header)
}

pub fn program_headers<'d>(
    header: &Header,
    data: &'d [u8],
) -> Result<&'d [ProgramHeader64<LittleEndian>], Refusal> {
    header.program_headers(LittleEndian, data).map_err(corrupt)
}

/// The engine makes three, other linkers a few more. Every relocation is looked up among them.
const MOST_SEGMENTS: usize = 16;

/// The PT_LOAD segments, in ascending order, page by page disjoint, none both writable and executable.
pub fn segments(
    headers: &[ProgramHeader64<LittleEndian>],
    data: &[u8],
) -> Result<Vec<Segment>, Refusal> {
    let endian = LittleEndian;
    let mut segments: Vec<Segment> = Vec::new();
    let mut end = 0;
    for header in headers
        .iter()
        .filter(|header| header.p_type(endian) == elf::PT_LOAD)
    {
        let contents = header
            .data(endian, data)
            .map_err(|()| corrupt("a segment lies outside of the file"))?;
        let segment = Segment {
            address: usize::try_from(header.p_vaddr(endian)).map_err(corrupt)?,
            offset: usize::try_from(header.p_offset(endian)).map_err(corrupt)?,
            file_size: contents.len(),
            size: usize::try_from(header.p_memsz(endian)).map_err(corrupt)?,
            flags: header.p_flags(endian).0,
            is_settled: true,
        };
        let both = elf::PF_W.0 | elf::PF_X.0;
        let sound = segment.address - segment.address % PAGE >= end
            && segment.file_size <= segment.size
            && segment.flags & elf::PF_R.0 != 0
            && segment.flags & both != both;
        end = segment
            .address
            .checked_add(segment.size)
            .and_then(|end| end.checked_next_multiple_of(PAGE))
            .filter(|end| sound && i32::try_from(*end).is_ok())
            .ok_or_else(|| {
                corrupt("its segments are not disjoint pages of code, constants or data")
            })?;
        segments.push(segment);
        if segments.len() > MOST_SEGMENTS {
            return Err(corrupt("it has more segments than rights to map them with"));
        }
    }
    match segments.first() {
        Some(first) if first.address == 0 => Ok(segments),
        _ => Err(corrupt("its first segment is not at address 0")),
    }
}

/// What the loader needs of the dynamic section: addresses of tables in the image.
#[derive(Debug, Default)]
pub struct Dynamic {
    pub rela: u64,
    pub rela_size: u64,
    pub symbols: u64,
    pub strings: u64,
    pub strings_size: u64,
}

pub fn dynamic(headers: &[ProgramHeader64<LittleEndian>], data: &[u8]) -> Result<Dynamic, Refusal> {
    let mut found = Dynamic::default();
    let endian = LittleEndian;
    for header in headers {
        let Some(entries): Option<&[Dyn64<LittleEndian>]> =
            header.dynamic(endian, data).map_err(corrupt)?
        else {
            continue;
        };
        for entry in entries {
            let value = entry.d_val(endian);
            match entry.d_tag(endian) {
                elf::DT_NULL => break,
                elf::DT_RELA => found.rela = value,
                elf::DT_RELASZ => found.rela_size = value,
                elf::DT_SYMTAB => found.symbols = value,
                elf::DT_STRTAB => found.strings = value,
                elf::DT_STRSZ => found.strings_size = value,
                elf::DT_RELAENT if value != 24 => {
                    return Err(corrupt("its relocations have an unknown form"))
                }
                elf::DT_JMPREL | elf::DT_TEXTREL => {
                    return Err(corrupt("it has a PLT or text relocations"))
                }
                _ => {}
            }
        }
    }
    Ok(found)
}
