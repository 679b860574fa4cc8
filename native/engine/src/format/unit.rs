//! One codegen unit's relocatable object, as the differ and the linker see it.
//!
//! rustc gives every function and every static a section of its own, so a *section* is the unit of diffing and
//! linking ("block" once it is in a patch). The exceptions are mergeable constants (`.rodata.str1.1`, `.rodata.cst16`),
//! whose entries are told apart by offset.

mod kind;

use super::claim::Claim;
use super::{Elf, Error, Result};
use object::elf;
use object::read::elf::{FileHeader, SectionHeader, Sym};
use object::{Endianness, LittleEndian};
use rustc_hash::FxHashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kind::kind_of;
pub use kind::Kind;

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

    /// Reads section headers, symbols and relocations. Errors: not a relocatable x86_64 ELF64 object, or damaged.
    pub fn parse(name: &str, path: &Path, bytes: Arc<[u8]>) -> Result<Unit> {
        let fail = |what: String| Error::new(path, what);
        let damaged = |e: object::read::Error| fail(format!("damaged object: {e}"));
        let data: &[u8] = &bytes;
        let header = elf::FileHeader64::<Endianness>::parse(data).map_err(damaged)?;
        let endian = header.endian().map_err(damaged)?;
        if header.e_type(endian) != elf::ET_REL || header.e_machine(endian) != elf::EM_X86_64 {
            return Err(fail("is not a relocatable x86_64 object".into()));
        }
        let table = header.sections(endian, data).map_err(damaged)?;
        let mut sections = Vec::with_capacity(table.len());
        let mut claim = Claim::of(data.len());
        for (_, section) in table.enumerate() {
            let name = table.section_name(endian, section).map_err(damaged)?;
            claim.name(name).map_err(|what| fail(what.into()))?;
            let name = String::from_utf8_lossy(name).into_owned();
            let flags = section.sh_flags(endian).0;
            let kind = kind_of(&name, section.sh_type(endian), flags);
            let nobits = section.sh_type(endian) == elf::SHT_NOBITS;
            let start = section.sh_offset(endian) as usize;
            let size = section.sh_size(endian);
            let end = if nobits {
                start
            } else {
                start.saturating_add(size as usize)
            };
            if !nobits && end > data.len() {
                return Err(fail(format!(
                    "damaged object: section {name} reaches past the end of the file"
                )));
            }
            if nobits && !matches!(kind, Kind::Bss | Kind::TlsBss | Kind::Other) {
                return Err(fail(format!(
                    "damaged object: section {name} has a size and no contents"
                )));
            }
            if !nobits {
                claim.bytes(end - start).map_err(|what| fail(what.into()))?;
            }
            let merge = flags & elf::SHF_MERGE.0 != 0;
            sections.push(Section {
                kind,
                align: section.sh_addralign(endian).max(1),
                size,
                merge: if merge {
                    section.sh_entsize(endian).max(1)
                } else {
                    0
                },
                strings: merge && flags & elf::SHF_STRINGS.0 != 0,
                range: start.min(data.len())..end.min(data.len()),
                relocations: 0..0,
                named_by: None,
                name,
            });
        }

        let table_symbols = table
            .symbols(endian, data, elf::SHT_SYMTAB)
            .map_err(damaged)?;
        let mut symbols = Vec::with_capacity(table_symbols.len());
        let mut file_symbol = String::new();
        let mut defined = FxHashMap::default();
        for (index, symbol) in table_symbols.enumerate() {
            let name = symbol
                .name(endian, table_symbols.strings())
                .map_err(damaged)?;
            claim.name(name).map_err(|what| fail(what.into()))?;
            let name = String::from_utf8_lossy(name).into_owned();
            let section = table_symbols
                .symbol_section(endian, symbol, index)
                .map_err(damaged)?
                .map(|s| s.0);
            if section.is_some_and(|s| s >= sections.len()) {
                return Err(fail(format!(
                    "damaged object: symbol {name} lies in no section"
                )));
            }
            let kind = match symbol.st_type() {
                elf::STT_FUNC | elf::STT_GNU_IFUNC => SymbolKind::Function,
                elf::STT_OBJECT => SymbolKind::Object,
                elf::STT_TLS => SymbolKind::Tls,
                elf::STT_SECTION => SymbolKind::Section,
                elf::STT_FILE => SymbolKind::File,
                _ => SymbolKind::Other,
            };
            if kind == SymbolKind::File && file_symbol.is_empty() {
                file_symbol.clone_from(&name);
            }
            let entry = Symbol {
                section,
                value: symbol.st_value(endian),
                size: symbol.st_size(endian),
                kind,
                local: symbol.st_bind() == elf::STB_LOCAL,
                weak: symbol.st_bind() == elf::STB_WEAK,
                name,
            };
            if let Some(section) = section {
                if kind != SymbolKind::Section
                    && kind != SymbolKind::File
                    && !is_anonymous(&entry.name)
                {
                    defined.insert(entry.name.clone(), index.0);
                    let section = &mut sections[section];
                    // A mergeable section is a pool of constants, not one thing with a name.
                    if entry.value == 0 && section.named_by.is_none() && section.merge == 0 {
                        section.named_by = Some(index.0);
                    }
                }
            }
            symbols.push(entry);
        }

        let mut relocations = Vec::new();
        for (_, section) in table.enumerate() {
            let Some((entries, _)) = section.rela(endian, data).map_err(damaged)? else {
                continue;
            };
            let target = section.sh_info(endian) as usize;
            let Some(of) = sections.get(target) else {
                return Err(fail("damaged object: relocations for no section".into()));
            };
            if of.name.starts_with(".debug_") {
                continue; // read by `layout` and `link::debug`, in place
            }
            let start = relocations.len();
            for entry in entries {
                let symbol = entry.r_sym(endian, false) as usize;
                if symbol >= symbols.len() {
                    return Err(fail("damaged object: a relocation names no symbol".into()));
                }
                relocations.push(Relocation {
                    offset: entry.r_offset.get(endian),
                    kind: entry.r_type(endian, false).0,
                    symbol,
                    addend: entry.r_addend.get(endian),
                });
            }
            relocations[start..].sort_by_key(|r| r.offset);
            sections[target].relocations = start..relocations.len();
        }
        Ok(Unit {
            name: name.into(),
            file_symbol,
            path: path.into(),
            bytes,
            sections,
            symbols,
            relocations,
            defined,
        })
    }

    /// The file's bytes as an ELF reader for `layout`, `link::unwind` and `link::debug`.
    pub fn elf(&self) -> Result<Elf<'_>> {
        object::read::elf::ElfFile64::<LittleEndian, _>::parse(&*self.bytes)
            .map_err(|e| Error::new(&self.path, format!("damaged object: {e}")))
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

    /// Functions with a name: `(section, symbol)` of each.
    pub fn functions(&self) -> impl Iterator<Item = (SectionId, &Symbol)> {
        self.named(|kind| kind == Kind::Text)
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
