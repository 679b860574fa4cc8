//! One codegen unit's relocatable object, as the differ and the linker see it.
//!
//! rustc gives every function and every static a section of its own, so a *section* is the unit of diffing and
//! linking ("block" once it is in a patch). The exceptions are mergeable constants (`.rodata.str1.1`, `.rodata.cst16`),
//! whose entries are told apart by offset.

mod kind;
mod parse;

pub use kind::Kind;

use super::{Elf, Error, Result};
use object::LittleEndian;
use rustc_hash::FxHashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub type SectionId = usize;
pub type SymbolId = usize;

#[derive(Debug, Clone)]
pub struct Section {
    pub name: String,
    pub kind: Kind,
    pub align: u64,
    pub size: u64,
    /// Entry size of a mergeable section, 0 otherwise; `strings` for NUL-terminated entries.
    pub merge: u64,
    pub strings: bool,
    range: std::ops::Range<usize>,
    relocations: std::ops::Range<usize>,
    /// The symbol that names the whole section (offset 0, a real name), if there is one.
    pub named_by: Option<SymbolId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SymbolKind {
    Function,
    Object,
    Tls,
    Section,
    File,
    Other,
}

#[derive(Debug, Clone)]
pub struct Symbol {
    pub name: String,
    pub section: Option<SectionId>,
    pub value: u64,
    pub size: u64,
    pub kind: SymbolKind,
    pub local: bool,
    pub weak: bool,
}

/// `R_X86_64_*` in `kind`; `offset` within the section that it belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Relocation {
    pub offset: u64,
    pub kind: u32,
    pub symbol: SymbolId,
    pub addend: i64,
}

#[derive(Debug)]
pub struct Unit {
    /// File stem: the codegen unit's name.
    pub name: String,
    /// The `STT_FILE` symbol: local symbols of this object follow one of the same name in the image's table.
    pub file_symbol: String,
    pub path: PathBuf,
    bytes: Arc<[u8]>,
    pub sections: Vec<Section>,
    pub symbols: Vec<Symbol>,
    relocations: Vec<Relocation>,
    defined: FxHashMap<String, SymbolId>,
    /// Further names of functions that share a section with the one that it is named after.
    aliases: Vec<(SectionId, SymbolId)>,
}

impl Unit {
    pub fn open(path: &Path) -> Result<Unit> {
        let bytes =
            std::fs::read(path).map_err(|e| Error::new(path, format!("cannot be read: {e}")))?;
        let name = path
            .file_stem()
            .map(|s| s.to_string_lossy().into_owned())
            .unwrap_or_default();
        Unit::parse(&name, path, bytes.into())
    }

    /// The file's bytes as an ELF reader for `layout`, `link::unwind` and `link::debug`.
    pub fn elf(&self) -> Result<Elf<'_>> {
        object::read::elf::ElfFile64::<LittleEndian, _>::parse(&*self.bytes)
            .map_err(|e| Error::new(&self.path, format!("damaged object: {e}")))
    }

    /// Whether it defines nothing: no function, no static.
    pub fn is_empty(&self) -> bool {
        let marks = |kind| matches!(kind, SymbolKind::Section | SymbolKind::File);
        self.symbols
            .iter()
            .all(|symbol| symbol.section.is_none() || marks(symbol.kind))
    }

    /// A section's contents; empty for NOBITS.
    pub fn bytes(&self, section: SectionId) -> &[u8] {
        self.sections
            .get(section)
            .and_then(|s| self.bytes.get(s.range.clone()))
            .unwrap_or(&[])
    }

    /// A section's relocations, by ascending offset.
    pub fn relocations(&self, section: SectionId) -> &[Relocation] {
        self.sections
            .get(section)
            .and_then(|s| self.relocations.get(s.relocations.clone()))
            .unwrap_or(&[])
    }

    /// The section that a real (not anonymous) name stands for in this unit.
    pub fn definition(&self, name: &str) -> Option<SectionId> {
        self.defined
            .get(name)
            .and_then(|&s| self.symbols[s].section)
    }

    pub fn symbol_named(&self, name: &str) -> Option<&Symbol> {
        self.symbols.get(*self.defined.get(name)?)
    }

    /// Functions with a name: `(section, symbol)` of each. At higher optimisation levels LLVM's mergefunc gives
    /// functions of equal code one section, and each of them its name.
    pub fn functions(&self) -> impl Iterator<Item = (SectionId, &Symbol)> {
        self.named(|kind| kind == Kind::Text).chain(self.aliases())
    }

    fn aliases(&self) -> impl Iterator<Item = (SectionId, &Symbol)> {
        let aliases = self.aliases.iter();
        aliases.filter_map(|(section, id)| Some((*section, self.symbols.get(*id)?)))
    }

    /// The section of which `symbol` is one name of a function.
    fn whole_function(&self, symbol: &Symbol) -> Option<SectionId> {
        let section = symbol.section?;
        let whole = symbol.kind == SymbolKind::Function && symbol.value == 0;
        (whole && self.is_function(section) && !is_anonymous(&symbol.name)).then_some(section)
    }

    /// The names of the function in `section`, the one that the section is named after first.
    pub fn names_of(&self, section: SectionId) -> Vec<&Symbol> {
        let mut names: Vec<&Symbol> = self.name_of(section).into_iter().collect();
        let aliases = self.aliases().filter(|(of, _)| *of == section);
        names.extend(aliases.map(|(_, symbol)| symbol));
        names
    }

    /// Named sections of the kinds that `wanted` picks.
    pub fn named(
        &self,
        wanted: impl Fn(Kind) -> bool,
    ) -> impl Iterator<Item = (SectionId, &Symbol)> {
        self.sections
            .iter()
            .enumerate()
            .filter(move |(_, s)| wanted(s.kind))
            .filter_map(|(id, s)| {
                let symbol = self.symbols.get(s.named_by?)?;
                Some((id, symbol))
            })
    }

    pub fn name_of(&self, section: SectionId) -> Option<&Symbol> {
        self.symbols.get(self.sections.get(section)?.named_by?)
    }

    /// What a target within this unit is called: a function by the very name that the relocation uses, and so is one of
    /// several statics in a section that was named by hand.
    pub fn called<'u>(&'u self, section: SectionId, symbol: &'u Symbol) -> Option<&'u Symbol> {
        match self.whole_function(symbol) {
            Some(of) if of == section => Some(symbol),
            _ if self.is_further_static(section, symbol) => Some(symbol),
            _ => self.name_of(section),
        }
    }

    fn is_further_static(&self, section: SectionId, symbol: &Symbol) -> bool {
        symbol.value != 0
            && matches!(symbol.kind, SymbolKind::Object | SymbolKind::Tls)
            && !is_anonymous(&symbol.name)
            && !self.is_function(section)
            && self.sections.get(section).is_some_and(|s| s.merge == 0)
    }

    /// Where a relocation points: a place in a section of this unit, or an undefined symbol.
    ///
    /// For PC-relative kinds the addend carries the -4 (or more, with an immediate behind the field) that makes the
    /// formula `S + A - P` work; the place meant by the *program* is then `A + 4`. Callers that need the place pass
    /// the bias.
    pub fn target(&self, relocation: &Relocation) -> Target<'_> {
        let symbol = &self.symbols[relocation.symbol];
        match symbol.section {
            Some(section) => Target::Section {
                section,
                offset: symbol.value as i64,
                symbol,
            },
            None => Target::Undefined(symbol),
        }
    }

    /// What a relocation refers to, by its name; `None` for what has none.
    pub fn referred<'u>(&'u self, relocation: &Relocation) -> Option<&'u Symbol> {
        match self.target(relocation) {
            Target::Undefined(symbol) => Some(symbol),
            Target::Section {
                section, symbol, ..
            } => self.called(section, symbol),
        }
    }

    /// The name under which other objects and the image know the thing at the start of `section`.
    pub fn is_function(&self, section: SectionId) -> bool {
        self.sections
            .get(section)
            .is_some_and(|s| s.kind == Kind::Text)
    }
}

pub enum Target<'u> {
    /// `offset` is the symbol's place; the relocation's addend comes on top.
    Section {
        section: SectionId,
        offset: i64,
        symbol: &'u Symbol,
    },
    Undefined(&'u Symbol),
}

/// Names that rustc and LLVM number afresh in every compile: they say nothing about identity.
pub fn is_anonymous(name: &str) -> bool {
    const PREFIXES: [&str; 7] = [
        ".L",
        "GCC_except_table",
        "anon.",
        "alloc_",
        "vtable.",
        "switch.table",
        "__unnamed_",
    ];
    name.is_empty() || PREFIXES.iter().any(|p| name.starts_with(p))
}
