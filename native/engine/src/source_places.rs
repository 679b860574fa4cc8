//! Which line of which source file code was made from: for the reports of crashes.

use gimli::{Dwarf, EndianSlice, LineRow, LittleEndian, SectionId, Unit};
use object::read::elf::ElfFile64;
use object::{Endianness, Object as _, ObjectSection as _};
use serde::Serialize;
use std::path::Path;

type Slice<'a> = EndianSlice<'a, LittleEndian>;

/// `file` as the compiler was told it (relative to the workspace for its own crates), `line` counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourcePlace {
    pub file: String,
    pub line: u64,
}

/// A sequence of a function that the linker dropped begins at a tombstone: 0, or 1 where 0 has a meaning
/// (DWARF 5 leaves it open; LLD and GNU ld use these).
const LAST_TOMBSTONE: u64 = 1;

/// The place of each address, `None` for those that no line table covers. Addresses are the image's own.
///
/// All line programs of the image are run once, which for a large one takes a second: nobody waits for this.
///
/// # Errors
/// One sentence when the image cannot be read or its debug sections are damaged.
pub fn source_places(image: &Path, addresses: &[u64]) -> Result<Vec<Option<SourcePlace>>, String> {
    let bytes = std::fs::read(image).map_err(|e| format!("{}: {e}.", image.display()))?;
    places_in(&bytes, addresses)
        .map_err(|what| format!("{}: its line tables are damaged: {what}.", image.display()))
}

fn places_in(bytes: &[u8], addresses: &[u64]) -> Result<Vec<Option<SourcePlace>>, String> {
    let elf = ElfFile64::<Endianness>::parse(bytes).map_err(|e| e.to_string())?;
    let load = |id: SectionId| -> Result<Slice<'_>, object::Error> {
        // Compressed sections are of no use as they are; nothing is told then.
        let data = match elf.section_by_name(id.name()) {
            Some(section)
                if section.compressed_file_range()?.format == object::CompressionFormat::None =>
            {
                section.data()?
            }
            _ => &[],
        };
        Ok(EndianSlice::new(data, LittleEndian))
    };
    let dwarf = Dwarf::load(load).map_err(|e| e.to_string())?;
    let mut places = vec![None; addresses.len()];
    let mut units = dwarf.units();
    while let Some(header) = units.next().map_err(|e| e.to_string())? {
        let unit = dwarf.unit(header).map_err(|e| e.to_string())?;
        fill(&dwarf, &unit, addresses, &mut places).map_err(|e| e.to_string())?;
    }
    Ok(places)
}

/// A row holds for all addresses up to the next one of its sequence (DWARF 5, 6.2.2).
fn fill(
    dwarf: &Dwarf<Slice<'_>>,
    unit: &Unit<Slice<'_>>,
    addresses: &[u64],
    places: &mut [Option<SourcePlace>],
) -> Result<(), gimli::Error> {
    let Some(program) = unit.line_program.clone() else {
        return Ok(());
    };
    let mut rows = program.rows();
    let mut previous: Option<LineRow> = None;
    let mut is_dropped = false;
    while let Some((_, row)) = rows.next_row()? {
        let row = *row;
        match previous {
            None => is_dropped = row.address() <= LAST_TOMBSTONE,
            Some(before) if !is_dropped => {
                for (address, place) in addresses.iter().zip(places.iter_mut()) {
                    if (before.address()..row.address()).contains(address) {
                        *place = place_of(dwarf, unit, &before)?;
                    }
                }
            }
            Some(_) => {}
        }
        previous = (!row.end_sequence()).then_some(row);
    }
    Ok(())
}

fn place_of(
    dwarf: &Dwarf<Slice<'_>>,
    unit: &Unit<Slice<'_>>,
    row: &LineRow,
) -> Result<Option<SourcePlace>, gimli::Error> {
    let header = unit
        .line_program
        .as_ref()
        .map(gimli::IncompleteLineProgram::header);
    let (Some(line), Some(header)) = (row.line(), header) else {
        return Ok(None);
    };
    let Some(entry) = header.file(row.file_index()) else {
        return Ok(None);
    };
    let name = dwarf.attr_string(unit, entry.path_name())?;
    let name = name.to_string_lossy();
    let folder = match entry.directory(header) {
        // Directory 0 is where the compiler ran (DWARF 5, 6.2.4): what lies there is named without it.
        Some(folder) if entry.directory_index() != 0 && !name.starts_with('/') => dwarf
            .attr_string(unit, folder)?
            .to_string_lossy()
            .into_owned(),
        _ => String::new(),
    };
    let file = if folder.is_empty() {
        name.into_owned()
    } else {
        format!("{folder}/{name}")
    };
    Ok(Some(SourcePlace {
        file,
        line: line.get(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use object::ObjectSymbol as _;

    #[inline(never)]
    fn source_place_marker() -> u32 {
        // A constant that is merely returned would be all that is left of the function.
        std::hint::black_box(line!())
    }

    fn this_image() -> std::path::PathBuf {
        std::env::current_exe().unwrap()
    }

    #[test]
    fn code_is_told_by_its_file_and_line() {
        let line = source_place_marker();
        let bytes = std::fs::read(this_image()).unwrap();
        let elf = ElfFile64::<Endianness>::parse(&*bytes).unwrap();
        let marker = elf
            .symbols()
            .find(|symbol| {
                symbol
                    .name()
                    .is_ok_and(|name| name.contains("source_place_marker"))
            })
            .unwrap();
        let code: Vec<u64> = (marker.address()..marker.address() + marker.size()).collect();
        let places = source_places(&this_image(), &code).unwrap();
        // Inlined code of std, such as `black_box`, is told where that was written.
        let here: Vec<u64> = places
            .into_iter()
            .map(|place| place.unwrap())
            .filter(|place| place.file.ends_with("src/source_places.rs"))
            .map(|place| place.line)
            .collect();
        let function = u64::from(line) - 2..=u64::from(line) + 1;
        assert!(
            !here.is_empty() && here.iter().all(|line| function.contains(line)),
            "{here:?}"
        );
        assert_eq!(source_places(&this_image(), &[2]).unwrap(), [None]);
    }

    #[test]
    fn damaged_images_are_errors_or_tell_nothing() {
        let bytes = std::fs::read(this_image()).unwrap();
        assert!(places_in(b"no image", &[4096]).is_err());
        for cut in [64, 4096, bytes.len() / 2, bytes.len() - 64] {
            let _ = places_in(&bytes[..cut], &[4096]);
        }
    }
}
