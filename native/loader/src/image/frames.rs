//! `.eh_frame`, checked. The unwinder trusts what it is given: a broken length or encoding would crash the program long
//! after the patch was applied, so every record is walked here first.
//!
//! The form is that of the LSB ("Exception Frames"): records of a CIE or an FDE each, ended by a zero length; and
//! `.eh_frame_hdr`, the table by which they are found ([`super::frame_table`]).
#![forbid(unsafe_code)]

use super::contents::Segment;
use super::frame_table;
use super::relocations::bytes_at;
use crate::refusal::{corrupt, Refusal};
use object::elf;

/// Sections that were found well-formed. Only [`read`] makes one.
#[derive(Debug, Clone)]
pub struct Frames {
    pub table: Place,
    /// Of `.eh_frame`.
    pub records: Place,
}

/// Where something lies in the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub address: usize,
    pub size: usize,
}

/// Pointer encodings (LSB, "DWARF Exception Header Encoding").
const ABSOLUTE_8: u8 = 0x00;
const RELATIVE_4: u8 = 0x1b;
const INDIRECT_RELATIVE_4: u8 = 0x9b;
const OMITTED: u8 = 0xff;

struct Cie {
    at: usize,
    /// Encoding of the FDEs' code pointers.
    code: u8,
    has_augmentation: bool,
}

/// Checks the records and the table at these addresses of these sizes (the section headers say where and how long).
/// None when there are no records.
pub fn read(
    data: &[u8],
    segments: &[Segment],
    (address, size): (u64, u64),
    table: Option<(u64, u64)>,
) -> Result<Option<Frames>, Refusal> {
    let bad = |what: &str| corrupt(format!("its unwind table is broken ({what})"));
    let bytes = bytes_at(data, segments, address, size)
        .ok_or_else(|| bad("it lies outside of the file"))?;
    let start = usize::try_from(address).map_err(corrupt)?;
    let code = |at: usize, length: usize| {
        segments
            .iter()
            .any(|segment| segment.flags & elf::PF_X.0 != 0 && segment.holds(at, length))
    };
    let mut cies: Vec<Cie> = Vec::new();
    let mut functions = Vec::new();
    let mut at = 0;
    loop {
        let mut record = Reader { bytes, at };
        let length = record.u32().ok_or_else(|| bad("it has no end"))?;
        if length == 0 {
            let table = match table {
                Some(table) => table,
                None if functions.is_empty() => return Ok(None),
                None => return Err(bad("it has no index")),
            };
            let table_bytes = bytes_at(data, segments, table.0, table.1)
                .ok_or_else(|| bad("its index lies outside of the file"))?;
            let table = Place {
                address: usize::try_from(table.0).map_err(corrupt)?,
                size: table_bytes.len(),
            };
            if !frame_table::is_sound(table_bytes, table.address, start, &mut functions) {
                return Err(bad("its index does not fit it"));
            }
            return Ok(Some(Frames {
                table,
                records: Place {
                    address: start,
                    size: bytes.len(),
                },
            }));
        }
        let end = record.at + length as usize;
        record.bytes = bytes
            .get(..end)
            .ok_or_else(|| bad("a record is too long"))?;
        let id_at = record.at;
        let id = record.u32().ok_or_else(|| bad("a record is too short"))?;
        if id == 0 {
            cies.push(cie(record, at).ok_or_else(|| bad("a CIE of unknown form"))?);
        } else {
            let owner = id_at.checked_sub(id as usize);
            // In the order of their places.
            let cie = owner
                .and_then(|owner| cies.binary_search_by_key(&owner, |cie| cie.at).ok())
                .and_then(|index| cies.get(index))
                .ok_or_else(|| bad("an FDE without CIE"))?;
            let (function, length) =
                fde(record, cie, start).ok_or_else(|| bad("an FDE of unknown form"))?;
            if !code(function, length) {
                return Err(bad("an FDE for something that is no code of the patch"));
            }
            functions.push((function, start + at));
        }
        at = end;
    }
}

fn cie(mut reader: Reader<'_>, at: usize) -> Option<Cie> {
    let version = reader.u8()?;
    let augmentation = reader.string()?;
    reader.uleb()?;
    reader.uleb()?;
    match version {
        1 => drop(reader.u8()?),
        3 => drop(reader.uleb()?),
        _ => return None,
    }
    let mut code = ABSOLUTE_8;
    let Some((b'z', letters)) = augmentation.split_first() else {
        return augmentation.is_empty().then_some(Cie {
            at,
            code,
            has_augmentation: false,
        });
    };
    let length = usize::try_from(reader.uleb()?).ok()?;
    let end = reader
        .at
        .checked_add(length)
        .filter(|end| *end <= reader.bytes.len())?;
    for letter in letters {
        match letter {
            b'R' => {
                code = reader
                    .u8()
                    .filter(|code| matches!(*code, ABSOLUTE_8 | RELATIVE_4))?;
            }
            b'P' => {
                let encoding = reader.u8()?;
                reader.skip(pointer_size(encoding)?)?;
            }
            b'L' => {
                pointer_size(reader.u8()?)?;
            }
            b'S' | b'B' => {}
            _ => return None,
        }
    }
    (reader.at <= end).then_some(Cie {
        at,
        code,
        has_augmentation: true,
    })
}

/// The function's address in the image and its length.
fn fde(mut reader: Reader<'_>, cie: &Cie, section: usize) -> Option<(usize, usize)> {
    let place = section.checked_add(reader.at)?;
    let (function, length) = if cie.code == RELATIVE_4 {
        let distance = reader.u32()? as i32;
        (
            place.checked_add_signed(distance as isize)?,
            reader.u32()? as usize,
        )
    } else {
        // An absolute pointer would need a relocation in read-only memory.
        return None;
    };
    if cie.has_augmentation {
        let size = usize::try_from(reader.uleb()?).ok()?;
        reader.skip(size)?;
    }
    Some((function, length))
}

fn pointer_size(encoding: u8) -> Option<usize> {
    match encoding {
        ABSOLUTE_8 => Some(8),
        RELATIVE_4 | INDIRECT_RELATIVE_4 => Some(4),
        OMITTED => Some(0),
        _ => None,
    }
}

struct Reader<'d> {
    bytes: &'d [u8],
    at: usize,
}

impl<'d> Reader<'d> {
    fn skip(&mut self, size: usize) -> Option<&'d [u8]> {
        let end = self.at.checked_add(size)?;
        let bytes = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(bytes)
    }

    fn u8(&mut self) -> Option<u8> {
        self.skip(1)?.first().copied()
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.skip(4)?.try_into().ok()?))
    }

    fn uleb(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..63).step_by(7) {
            let byte = self.u8()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn string(&mut self) -> Option<&'d [u8]> {
        let length = self
            .bytes
            .get(self.at..)?
            .iter()
            .position(|byte| *byte == 0)?;
        let text = self.skip(length)?;
        self.skip(1)?;
        Some(text)
    }
}
