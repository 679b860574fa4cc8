//! From an object's bytes to a [`Unit`]: section headers, symbols, relocations.

use super::kind::kind_of;
use super::{is_anonymous, Kind, Relocation, Section, Symbol, SymbolKind, Unit};
use crate::format::claim::Claim;
use crate::format::{Error, Result};
use object::elf;
use object::read::elf::{FileHeader, SectionHeader, SectionTable, Sym};
use object::Endianness;
use rustc_hash::FxHashMap;
use std::path::Path;
use std::sync::Arc;

type Header = elf::FileHeader64<Endianness>;

impl Unit {
    /// Reads section headers, symbols and relocations. Errors: not a relocatable x86_64 ELF64 object, or damaged.
    pub fn parse(name: &str, path: &Path, bytes: Arc<[u8]>) -> Result<Unit> {
        let reader = Reader {
            path,
            data: &bytes,
            endian: Endianness::Little,
        };
        let header = Header::parse(reader.data).map_err(|e| reader.damaged(e))?;
        let endian = header.endian().map_err(|e| reader.damaged(e))?;
        let reader = Reader { endian, ..reader };
        if header.e_type(endian) != elf::ET_REL || header.e_machine(endian) != elf::EM_X86_64 {
            return Err(Error::new(path, "is not a relocatable x86_64 object"));
        }
        let table = header
            .sections(endian, reader.data)
            .map_err(|e| reader.damaged(e))?;
        let mut claim = Claim::of(reader.data.len());
        let mut sections = reader.sections(&table, &mut claim)?;
        let (symbols, file_symbol, defined) = reader.symbols(&table, &mut claim, &mut sections)?;
        let relocations = reader.relocations(&table, &mut sections, symbols.len())?;
        let mut unit = Unit {
            name: name.into(),
            file_symbol,
            path: path.into(),
            sections,
            symbols,
            relocations,
            defined,
            bytes: bytes.clone(),
            aliases: Vec::new(),
        };
        let symbols = unit.symbols.iter().enumerate();
        let aliases = symbols.filter_map(|(id, symbol)| {
            let section = unit.whole_function(symbol)?;
            (unit.sections.get(section)?.named_by != Some(id)).then_some((section, id))
        });
        unit.aliases = aliases.collect();
        Ok(unit)
    }
}

struct Reader<'d> {
    path: &'d Path,
    data: &'d [u8],
    endian: Endianness,
}

type Symbols = (Vec<Symbol>, String, FxHashMap<String, usize>);

impl<'d> Reader<'d> {
    fn fail(&self, what: String) -> Error {
        Error::new(self.path, what)
    }

    fn damaged(&self, error: object::read::Error) -> Error {
        self.fail(format!("damaged object: {error}"))
    }

    fn sections(
        &self,
        table: &SectionTable<'d, Header>,
        claim: &mut Claim,
    ) -> Result<Vec<Section>> {
        let endian = self.endian;
        let mut sections = Vec::with_capacity(table.len());
        for (_, section) in table.enumerate() {
            let name = table
                .section_name(endian, section)
                .map_err(|e| self.damaged(e))?;
            claim.name(name).map_err(|what| self.fail(what.into()))?;
            let name = String::from_utf8_lossy(name).into_owned();
            let flags = section.sh_flags(endian).0;
            let nobits = section.sh_type(endian) == elf::SHT_NOBITS;
            let start = section.sh_offset(endian) as usize;
            let size = section.sh_size(endian);
            let end = if nobits {
                start
            } else {
                start.saturating_add(size as usize)
            };
            if !nobits && end > self.data.len() {
                return Err(self.fail(format!(
                    "damaged object: section {name} reaches past the end of the file"
                )));
            }
            if !nobits {
                let taken = claim.bytes(end - start);
                taken.map_err(|what| self.fail(what.into()))?;
            }
            let merge = flags & elf::SHF_MERGE.0 != 0;
            let kind = kind_of(&name, section.sh_type(endian), flags);
            if nobits && !matches!(kind, Kind::Bss | Kind::TlsBss | Kind::Other) {
                return Err(self.fail(format!(
                    "damaged object: section {name} has a size and no contents"
                )));
            }
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
                range: start.min(self.data.len())..end.min(self.data.len()),
                relocations: 0..0,
                named_by: None,
                name,
            });
        }
        Ok(sections)
    }

    /// All symbols, the `STT_FILE` symbol, and which symbol a name means. Tells sections what they are called.
    fn symbols(
        &self,
        table: &SectionTable<'d, Header>,
        claim: &mut Claim,
        sections: &mut [Section],
    ) -> Result<Symbols> {
        let endian = self.endian;
        let entries = table
            .symbols(endian, self.data, elf::SHT_SYMTAB)
            .map_err(|e| self.damaged(e))?;
        let mut symbols = Vec::with_capacity(entries.len());
        let mut file_symbol = String::new();
        let mut defined = FxHashMap::default();
        for (index, symbol) in entries.enumerate() {
            let name = symbol
                .name(endian, entries.strings())
                .map_err(|e| self.damaged(e))?;
            claim.name(name).map_err(|what| self.fail(what.into()))?;
            let name = String::from_utf8_lossy(name).into_owned();
            let section = entries
                .symbol_section(endian, symbol, index)
                .map_err(|e| self.damaged(e))?
                .map(|s| s.0);
            if section.is_some_and(|s| s >= sections.len()) {
                return Err(self.fail(format!("damaged object: symbol {name} lies in no section")));
            }
            let entry = Symbol {
                section,
                value: symbol.st_value(endian),
                size: symbol.st_size(endian),
                kind: symbol_kind(symbol.st_type()),
                local: symbol.st_bind() == elf::STB_LOCAL,
                weak: symbol.st_bind() == elf::STB_WEAK,
                name,
            };
            if entry.kind == SymbolKind::File && file_symbol.is_empty() {
                file_symbol.clone_from(&entry.name);
            }
            let of = section.and_then(|s| sections.get_mut(s));
            if let Some(of) = of.filter(|_| entry.is_definition()) {
                defined.insert(entry.name.clone(), index.0);
                // A mergeable section is a pool of constants, not one thing with a name. Of several names for one
                // function (LLVM's mergefunc) the one that the section was made for counts.
                let own = of.name.ends_with(&entry.name);
                if entry.value == 0 && of.merge == 0 && (of.named_by.is_none() || own) {
                    of.named_by = Some(index.0);
                }
            }
            symbols.push(entry);
        }
        Ok((symbols, file_symbol, defined))
    }

    /// The relocations of all sections but the debug ones, which `layout` and `link::debug` read in place.
    fn relocations(
        &self,
        table: &SectionTable<'d, Header>,
        sections: &mut [Section],
        symbols: usize,
    ) -> Result<Vec<Relocation>> {
        let endian = self.endian;
        let mut relocations = Vec::new();
        for (_, section) in table.enumerate() {
            let rela = section
                .rela(endian, self.data)
                .map_err(|e| self.damaged(e))?;
            let Some((entries, _)) = rela else { continue };
            let Some(of) = sections.get_mut(section.sh_info(endian) as usize) else {
                return Err(self.fail("damaged object: relocations for no section".into()));
            };
            if of.name.starts_with(".debug_") {
                continue;
            }
            let start = relocations.len();
            for entry in entries {
                let symbol = entry.r_sym(endian, false) as usize;
                if symbol >= symbols {
                    return Err(self.fail("damaged object: a relocation names no symbol".into()));
                }
                relocations.push(Relocation {
                    offset: entry.r_offset.get(endian),
                    kind: entry.r_type(endian, false).0,
                    symbol,
                    addend: entry.r_addend.get(endian),
                });
            }
            if let Some(new) = relocations.get_mut(start..) {
                new.sort_by_key(|r| r.offset);
            }
            of.relocations = start..relocations.len();
        }
        Ok(relocations)
    }
}

impl Symbol {
    /// Whether it gives something a name that lasts.
    fn is_definition(&self) -> bool {
        !matches!(self.kind, SymbolKind::Section | SymbolKind::File) && !is_anonymous(&self.name)
    }
}

fn symbol_kind(of: elf::SymbolType) -> SymbolKind {
    match of {
        elf::STT_FUNC | elf::STT_GNU_IFUNC => SymbolKind::Function,
        elf::STT_OBJECT => SymbolKind::Object,
        elf::STT_TLS => SymbolKind::Tls,
        elf::STT_SECTION => SymbolKind::Section,
        elf::STT_FILE => SymbolKind::File,
        _ => SymbolKind::Other,
    }
}
