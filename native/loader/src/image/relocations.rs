//! `.rela.dyn`: the words of the image that depend on where it and its imports are.
//!
//! P is the place, B the image's load bias, A the addend, S the import's address (psABI x86_64, 4.4.1):
//! - R_X86_64_RELATIVE: `B + A`
//! - R_X86_64_GLOB_DAT: `S`
//! - R_X86_64_64: `S + A`
//! - R_X86_64_TPOFF64: offset of the image's block from the thread pointer `+ A`; own thread-locals only
#![forbid(unsafe_code)]

use object::elf::{self, Rela64, Sym64};
use object::read::elf::{Rela, Sym};
use object::LittleEndian;

use super::contents::Segment;
use super::headers::Dynamic;
use crate::refusal::{corrupt, Refusal};

/// One 8-byte word to be filled in. `place` is an address in the image, in a writable segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relocation<'d> {
    pub place: usize,
    pub value: Value<'d>,
    pub addend: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'d> {
    /// The image's load bias.
    Bias,
    /// The address of a symbol of the program or its libraries; 0 when `weak` and nowhere defined.
    Import { name: &'d [u8], weak: bool },
    /// The offset of the image's new thread-locals from the thread pointer.
    ThreadLocals,
}

/// Bytes of the image by address, as far as they come from the file.
pub fn bytes_at<'d>(
    data: &'d [u8],
    segments: &[Segment],
    address: u64,
    size: u64,
) -> Option<&'d [u8]> {
    let (address, size) = (usize::try_from(address).ok()?, usize::try_from(size).ok()?);
    let segment = segments
        .iter()
        .find(|segment| segment.holds_in_file(address, size))?;
    data.get(segment.offset + (address - segment.address)..)?
        .get(..size)
}

pub fn relocations<'d>(
    data: &'d [u8],
    segments: &[Segment],
    dynamic: &Dynamic,
) -> Result<Vec<Relocation<'d>>, Refusal> {
    let table = bytes_at(data, segments, dynamic.rela, dynamic.rela_size)
        .ok_or_else(|| corrupt("its relocations lie outside of the file"))?;
    let strings = bytes_at(data, segments, dynamic.strings, dynamic.strings_size)
        .ok_or_else(|| corrupt("its symbol names lie outside of the file"))?;
    let entries: &[Rela64<LittleEndian>] = object::pod::slice_from_all_bytes(table)
        .map_err(|()| corrupt("its relocation table has a part of an entry"))?;
    let endian = LittleEndian;
    let mut relocations = Vec::with_capacity(entries.len());
    for entry in entries {
        let symbol = || import(data, segments, dynamic, strings, entry.r_sym(endian, false));
        let addend = entry.r_addend(endian);
        let (value, addend) = match entry.r_type(endian, false) {
            elf::R_X86_64_NONE => continue,
            elf::R_X86_64_RELATIVE => (Value::Bias, addend),
            elf::R_X86_64_GLOB_DAT => (symbol()?, 0),
            elf::R_X86_64_64 => (symbol()?, addend),
            elf::R_X86_64_TPOFF64 if entry.r_sym(endian, false) == 0 => {
                (Value::ThreadLocals, addend)
            }
            other => {
                return Err(corrupt(format!(
                    "it has a relocation of the unknown kind {}",
                    other.0
                )))
            }
        };
        let place = usize::try_from(entry.r_offset(endian)).map_err(corrupt)?;
        let writable =
            |segment: &&Segment| segment.flags & elf::PF_W.0 != 0 && segment.holds(place, 8);
        if !segments.iter().any(|segment| writable(&segment)) {
            return Err(corrupt("a relocation lies outside of its data"));
        }
        relocations.push(Relocation {
            place,
            value,
            addend,
        });
    }
    Ok(relocations)
}

fn import<'d>(
    data: &'d [u8],
    segments: &[Segment],
    dynamic: &Dynamic,
    strings: &'d [u8],
    index: u32,
) -> Result<Value<'d>, Refusal> {
    const SIZE: u64 = size_of::<Sym64<LittleEndian>>() as u64;
    let endian = LittleEndian;
    let outside = || corrupt("a relocation names no symbol");
    let address = dynamic
        .symbols
        .checked_add(u64::from(index) * SIZE)
        .ok_or_else(outside)?;
    let bytes = bytes_at(data, segments, address, SIZE).ok_or_else(outside)?;
    let (symbol, _) =
        object::pod::from_bytes::<Sym64<LittleEndian>>(bytes).map_err(|()| outside())?;
    let start = usize::try_from(symbol.st_name(endian)).map_err(corrupt)?;
    let rest = strings.get(start..).ok_or_else(outside)?;
    let end = rest
        .iter()
        .position(|byte| *byte == 0)
        .filter(|end| *end > 0)
        .ok_or_else(outside)?;
    if symbol.st_shndx(endian) != elf::SHN_UNDEF || symbol.st_type() == elf::STT_TLS {
        return Err(corrupt(
            "an import is defined in the image itself or is a thread-local",
        ));
    }
    let name = rest.get(..end).ok_or_else(outside)?;
    Ok(Value::Import {
        name,
        weak: symbol.st_bind() == elf::STB_WEAK,
    })
}
