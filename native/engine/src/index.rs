//! What a unit refers to and defines, as digests of names: enough to know which units a question about the whole
//! program concerns ("who reads this constant", "who takes the address of this function") without opening all of them.
//!
//! An index is a pure function of the object's bytes. Its form: `NXHI`, format, three counts, then the digests of each
//! list in ascending order, all `u32`/`u64` little-endian.

use crate::format::unit::{is_anonymous, Target, Unit};
use crate::format::{Error, Result};
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 4] = b"NXHI";
const FORMAT: u32 = 2;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnitIndex {
    /// Names that some relocation refers to.
    pub refers: Vec<u64>,
    /// Names that other units can bind to.
    pub defines: Vec<u64>,
    /// Names of functions that it has a private copy of.
    pub copies: Vec<u64>,
}

impl UnitIndex {
    pub fn of(unit: &Unit) -> UnitIndex {
        let mut index = UnitIndex::default();
        for section in 0..unit.sections.len() {
            for r in unit.relocations(section) {
                let name = match unit.target(r) {
                    Target::Undefined(symbol) => Some(&symbol.name),
                    Target::Section {
                        section, symbol, ..
                    } => unit
                        .called(section, symbol)
                        .map(|s| &s.name)
                        .or(Some(&symbol.name)),
                };
                index
                    .refers
                    .extend(name.filter(|n| !is_anonymous(n)).map(|n| digest(n)));
            }
        }
        let shared = unit
            .symbols
            .iter()
            .filter(|s| !s.local && s.section.is_some());
        index.defines.extend(shared.map(|s| digest(&s.name)));
        let copies = unit.functions().filter(|(_, symbol)| symbol.local);
        index.copies.extend(copies.map(|(_, s)| digest(&s.name)));
        for list in [&mut index.refers, &mut index.defines, &mut index.copies] {
            list.sort_unstable();
            list.dedup();
        }
        index
    }

    pub fn refers_to(&self, name: &str) -> bool {
        self.refers.binary_search(&digest(name)).is_ok()
    }

    pub fn defines(&self, name: &str) -> bool {
        self.defines.binary_search(&digest(name)).is_ok()
    }

    pub fn has_copy(&self, name: &str) -> bool {
        self.copies.binary_search(&digest(name)).is_ok()
    }

    pub fn write(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(FORMAT.to_le_bytes());
        for list in [&self.refers, &self.defines, &self.copies] {
            bytes.extend((list.len() as u32).to_le_bytes());
        }
        for list in [&self.refers, &self.defines, &self.copies] {
            list.iter().for_each(|d| bytes.extend(d.to_le_bytes()));
        }
        bytes
    }

    /// Errors: not an index, another format, or cut short.
    pub fn read(path: &Path, bytes: &[u8]) -> Result<UnitIndex> {
        let damaged = || {
            Error::new(
                path,
                "is not an index of a unit in the form of this version",
            )
        };
        let rest = bytes.strip_prefix(MAGIC).ok_or_else(damaged)?;
        let (head, mut rest) = rest.split_at_checked(16).ok_or_else(damaged)?;
        let word = |at: usize| {
            head.get(at..at + 4)
                .and_then(|w| w.try_into().ok())
                .map(u32::from_le_bytes)
        };
        if word(0) != Some(FORMAT) {
            return Err(damaged());
        }
        let mut lists = Vec::new();
        for at in [4, 8, 12] {
            let count = word(at).ok_or_else(damaged)? as usize;
            let (list, after) = count
                .checked_mul(8)
                .and_then(|n| rest.split_at_checked(n))
                .ok_or_else(damaged)?;
            rest = after;
            lists.push(
                list.chunks_exact(8)
                    .filter_map(|d| d.try_into().ok())
                    .map(u64::from_le_bytes)
                    .collect(),
            );
        }
        let copies = lists.pop().unwrap_or_default();
        let defines = lists.pop().unwrap_or_default();
        Ok(UnitIndex {
            refers: lists.pop().unwrap_or_default(),
            defines,
            copies,
        })
    }
}

/// Where the index of a unit is kept: beside the object, which never changes in place.
pub fn path_of(object: &Path) -> PathBuf {
    object.with_extension("index")
}

/// Indexes one unit. Whole or not at all: the file gets its name when it is complete.
pub fn write_beside(object: &Path) -> Result<()> {
    let bytes = UnitIndex::of(&Unit::open(object)?).write();
    let fresh = object.with_extension(format!("index.{}", std::process::id()));
    let written =
        std::fs::write(&fresh, bytes).and_then(|()| std::fs::rename(&fresh, path_of(object)));
    written.map_err(|e| Error::new(object, format!("its index cannot be written: {e}")))
}

/// The index kept beside a unit, if there is a usable one.
pub fn read_beside(object: &Path) -> Option<UnitIndex> {
    let path = path_of(object);
    UnitIndex::read(&path, &std::fs::read(&path).ok()?).ok()
}

/// The first eight bytes of the name's BLAKE3. Two names of one digest cost a needless look into a unit, nothing else.
fn digest(name: &str) -> u64 {
    let hash = blake3::hash(name.as_bytes());
    let [a, b, c, d, e, f, g, h, ..] = *hash.as_bytes();
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_survives_writing_and_reading() {
        let index = UnitIndex {
            refers: vec![1, 5, u64::MAX],
            defines: vec![7],
            copies: vec![3, 4],
        };
        assert_eq!(
            UnitIndex::read(Path::new("x"), &index.write()).unwrap(),
            index
        );
    }

    #[test]
    fn a_cut_or_foreign_index_is_an_error() {
        let bytes = UnitIndex {
            refers: vec![1, 5],
            defines: vec![7],
            copies: vec![3],
        }
        .write();
        for end in 0..bytes.len() {
            assert!(
                UnitIndex::read(Path::new("x"), &bytes[..end]).is_err(),
                "cut at {end}"
            );
        }
        assert!(UnitIndex::read(Path::new("x"), b"ELF nothing of ours").is_err());
    }
}
