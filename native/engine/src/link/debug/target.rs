//! What the symbols of an object mean to its debug sections.
use super::section::Piece;
use super::Contribution;
use object::elf::{Sym64, SHN_ABS};
use object::{LittleEndian, SymbolIndex};

/// A symbol's value, before the addend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// An address, relative to the image's load bias.
    Address(u64),
    /// A place in an output section, or an absolute value: the same wherever the image lies.
    Value(u64),
    /// Not in the patch.
    Dropped,
}

/// One for each symbol of the object's symbol table: there are many more relocations than symbols.
pub(super) fn targets(contribution: &Contribution<'_, '_>, pieces: &[Piece]) -> Vec<Target> {
    let table = contribution.elf.elf_symbol_table();
    let mut bases: Vec<Option<Target>> = vec![None; contribution.elf.elf_section_table().len()];
    for piece in pieces {
        if let Some(base) = bases.get_mut(piece.section.0) {
            *base = Some(Target::Value(piece.base));
        }
    }
    let resolve = move |(index, symbol): (SymbolIndex, &Sym64<LittleEndian>)| {
        if index == SymbolIndex(0) {
            // gABI "Relocation": with the undefined symbol index the value is 0, so the addend stands alone.
            return Target::Value(0);
        }
        let value = symbol.st_value.get(LittleEndian);
        if symbol.st_shndx.get(LittleEndian) == SHN_ABS {
            return Target::Value(value);
        }
        let Ok(Some(section)) = table.symbol_section(LittleEndian, symbol, index) else {
            return Target::Dropped;
        };
        let Some(base) = bases.get_mut(section.0) else {
            return Target::Dropped;
        };
        let find = || (contribution.address)(section).map_or(Target::Dropped, Target::Address);
        match *base.get_or_insert_with(find) {
            Target::Address(base) => Target::Address(base.wrapping_add(value)),
            Target::Value(base) => Target::Value(base.wrapping_add(value)),
            Target::Dropped => Target::Dropped,
        }
    };
    table.enumerate().map(resolve).collect()
}
