//! What the symbols of an object mean to its debug sections.
use super::section::Piece;
use super::Contribution;
use object::elf::{Sym64, SHN_ABS};
use object::{LittleEndian, SectionIndex, SymbolIndex};
use rustc_hash::FxHashMap;

/// A symbol's value, before the addend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// An address in the image, a place in an output section, or an absolute value.
    At(u64),
    /// Not in the patch.
    Dropped,
}

/// One for each symbol of the object's symbol table: there are many more relocations than symbols.
pub(super) fn targets(contribution: &Contribution<'_, '_>, pieces: &[Piece]) -> Vec<Target> {
    let table = contribution.elf.elf_symbol_table();
    let mut bases: FxHashMap<SectionIndex, Option<u64>> = FxHashMap::default();
    for piece in pieces {
        bases.insert(piece.section, Some(piece.base));
    }
    let resolve = move |(index, symbol): (SymbolIndex, &Sym64<LittleEndian>)| {
        if index == SymbolIndex(0) {
            // gABI "Relocation": with the undefined symbol index the value is 0, so the addend stands alone.
            return Target::At(0);
        }
        let value = symbol.st_value.get(LittleEndian);
        if symbol.st_shndx.get(LittleEndian) == SHN_ABS {
            return Target::At(value);
        }
        let section = match table.symbol_section(LittleEndian, symbol, index) {
            Ok(Some(section)) => section,
            _ => return Target::Dropped,
        };
        let base = *bases
            .entry(section)
            .or_insert_with(|| (contribution.address)(section));
        base.map_or(Target::Dropped, |base| Target::At(base.wrapping_add(value)))
    };
    table.enumerate().map(resolve).collect()
}
