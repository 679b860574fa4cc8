//! The layout gate: types, signatures and vtables of a codegen unit, read from its DWARF.
//!
//! A patch may redirect code of a running program only if no type whose values can already exist changed its layout.
//! The compiler's own description of every type is in the unit's DWARF, so two versions of a unit are compared by what
//! they say about the types that both mention ([`compare`]), about the functions and statics that both name
//! ([`SignatureTable`]) and about vtables ([`VtableTable`]).
//!
//! The order of work: [`sections`] applies the relocations of the debug sections, [`scan`] makes one linear pass over
//! the entries, [`resolve`] names what the tables ask for, and each table keeps what it needs.

mod causes;
mod compare;
mod describe;
mod digest;
mod error;
mod groups;
mod items;
mod lines;
mod names;
mod record;
mod resolve;
mod scan;
mod sections;
mod signatures;
mod types;
mod vtables;

#[cfg(test)]
mod tests;

pub use compare::{compare, compare_all, LayoutChange};
pub use error::Error;
pub use lines::{LineTable, Place};
pub use signatures::{Signature, SignatureTable, SymbolKind};
pub use types::{Layout, TypeTable};
pub use vtables::{split as split_impl, Vtable, VtableTable};

use crate::format::Elf;
use resolve::Resolver;
use serde::{Deserialize, Serialize};

/// All that the gate knows about one codegen unit.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct DebugTables {
    pub types: TypeTable,
    pub signatures: SignatureTable,
    pub vtables: VtableTable,
    pub lines: LineTable,
    /// There is code, yet not one type is described: what `debuginfo=1` or `line-tables-only` leaves behind, and also
    /// what a unit of nothing but `fn f() {}` looks like. A crate all of whose units say so was compiled without the
    /// types, and no gate can be kept for it.
    pub untyped: bool,
}

impl DebugTables {
    /// Reads everything in one pass.
    ///
    /// # Errors
    /// [`Error::NoDebugInfo`] without `.debug_info`, [`Error::Split`] and [`Error::Compressed`] when it is elsewhere or
    /// packed, [`Error::Malformed`] when it contradicts itself. Never panics, whatever the bytes.
    pub fn read(elf: &Elf<'_>) -> Result<Self, Error> {
        let sections = sections::Sections::read(elf)?;
        let scan = scan::scan(&sections)?;
        let mut names = Resolver::new(&scan);
        let (signatures, declarations) = signatures::build(&scan, &mut names)?;
        Ok(DebugTables {
            signatures,
            vtables: vtables::build(&scan, &sections, &mut names)?,
            lines: lines::build(&scan, &declarations)?,
            untyped: scan.is_untyped(),
            types: types::build(&scan, names)?,
        })
    }
}

impl DebugTables {
    /// The same with types called otherwise: `rename` gives a name's new text, `None` for one that stays.
    pub fn renamed(&self, rename: &dyn Fn(&str) -> Option<String>) -> Self {
        DebugTables {
            types: self.types.renamed(rename),
            signatures: self.signatures.renamed(rename),
            vtables: self.vtables.renamed(rename),
            lines: self.lines.clone(),
            untyped: self.untyped,
        }
    }
}

impl TypeTable {
    /// Reads the types alone. Errors as [`DebugTables::read`].
    pub fn read(elf: &Elf<'_>) -> Result<Self, Error> {
        let sections = sections::Sections::read(elf)?;
        let scan = scan::scan(&sections)?;
        types::build(&scan, Resolver::new(&scan))
    }
}

impl SignatureTable {
    /// Reads the signatures alone. Errors as [`DebugTables::read`].
    pub fn read(elf: &Elf<'_>) -> Result<Self, Error> {
        let sections = sections::Sections::read(elf)?;
        let scan = scan::scan(&sections)?;
        signatures::build(&scan, &mut Resolver::new(&scan)).map(|(table, _)| table)
    }
}

impl VtableTable {
    /// Reads the vtables alone. Errors as [`DebugTables::read`].
    pub fn read(elf: &Elf<'_>) -> Result<Self, Error> {
        let sections = sections::Sections::read(elf)?;
        let scan = scan::scan(&sections)?;
        vtables::build(&scan, &sections, &mut Resolver::new(&scan))
    }
}
