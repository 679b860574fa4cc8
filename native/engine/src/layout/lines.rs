//! Where functions and statics are declared.
//!
//! Apart from their signatures on purpose: a blank line moves every place below it and changes no signature.

use super::error::Error;
use super::names::{Interner, NameId, Names};
use super::scan::Scan;
use super::sections::Slice;
use gimli::{Dwarf, Unit};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// A declaration's place: the file as the compiler was told it (remapped prefixes included), the line counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'t> {
    pub file: &'t str,
    pub line: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry {
    /// Digest of the symbol, which the table is sorted by.
    key: u64,
    file: NameId,
    line: u32,
}

/// The declarations of what a unit defines.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct LineTable {
    files: Names,
    entries: Vec<Entry>,
}

impl LineTable {
    /// The place of a symbol as the symbol table spells it.
    pub fn get(&self, symbol: &str) -> Option<Place<'_>> {
        let key = super::digest::of_text(symbol);
        let at = self
            .entries
            .binary_search_by_key(&key, |entry| entry.key)
            .ok()?;
        let entry = self.entries.get(at)?;
        Some(Place {
            file: self.files.get(entry.file),
            line: entry.line,
        })
    }
}

/// Where the DWARF says that a symbol (by its digest) is declared.
pub(super) struct Declaration {
    pub key: u64,
    pub unit: u32,
    /// A number of the unit's line table.
    pub file: u64,
    pub line: u64,
}

pub(super) fn build(scan: &Scan<'_>, declarations: &[Declaration]) -> Result<LineTable, Error> {
    let mut files = Interner::default();
    let mut known: FxHashMap<(u32, u64), NameId> = FxHashMap::default();
    let mut entries = Vec::with_capacity(declarations.len());
    for Declaration {
        key,
        unit,
        file,
        line,
    } in declarations
    {
        let file = match known.get(&(*unit, *file)) {
            Some(id) => *id,
            None => {
                let id = files.intern(&path(scan, *unit, *file)?);
                known.insert((*unit, *file), id);
                id
            }
        };
        entries.push(Entry {
            key: *key,
            file,
            line: u32::try_from(*line).unwrap_or(0),
        });
    }
    entries.sort_by_key(|entry: &Entry| entry.key);
    entries.dedup_by_key(|entry| entry.key);
    Ok(LineTable {
        files: files.finish(),
        entries,
    })
}

/// The path that a file number of a unit stands for; empty when the unit has no line table.
fn path(scan: &Scan<'_>, unit: u32, file: u64) -> Result<String, Error> {
    let Some(unit) = scan.units.get(unit as usize) else {
        return Ok(String::new());
    };
    let Some(header) = unit.line_program.as_ref().map(|program| program.header()) else {
        return Ok(String::new());
    };
    let Some(entry) = header.file(file) else {
        return Ok(String::new());
    };
    let name = string(&scan.dwarf, unit, entry.path_name())?;
    if name.starts_with('/') {
        return Ok(name.to_owned());
    }
    let directory = match entry.directory(header) {
        Some(directory) => string(&scan.dwarf, unit, directory)?,
        None => "",
    };
    Ok(if directory.is_empty() {
        name.to_owned()
    } else {
        format!("{directory}/{name}")
    })
}

fn string<'a>(
    dwarf: &Dwarf<Slice<'a>>,
    unit: &Unit<Slice<'a>>,
    value: gimli::AttributeValue<Slice<'a>>,
) -> Result<&'a str, Error> {
    let text = dwarf.attr_string(unit, value)?;
    std::str::from_utf8(text.slice()).map_err(|_| Error::malformed("a file name is not UTF-8"))
}
