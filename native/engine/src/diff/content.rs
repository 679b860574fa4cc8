//! What a section *means*, as a digest that survives renumbering.
//!
//! Two versions of a function are the same when their bytes are the same and every relocation means the same thing.
//! A named target means its name. An anonymous constant has no name that lasts (`.Lanon.<hash>.7` is 8 after a
//! harmless edit), so it means its contents, recursively. Contents of *named* constants and initial values of statics
//! are not part of a reader's meaning: readers of a changed constant are found by name, in every unit, afterwards.

use super::naming::Naming;
use crate::format::unit::{Kind, Relocation, SectionId, Target, Unit};
use object::elf::{R_X86_64_64, R_X86_64_PC32, R_X86_64_PLT32};
use rustc_hash::FxHashMap;
use std::cell::RefCell;

pub type Digest = [u8; 16];

pub struct Contents<'u> {
    pub unit: &'u Unit,
    naming: Naming<'u>,
    memo: RefCell<FxHashMap<SectionId, Option<Digest>>>,
    except_tables: FxHashMap<&'u str, SectionId>,
}

const EXCEPT_TABLE: &str = ".gcc_except_table.";

impl<'u> Contents<'u> {
    pub fn new(unit: &'u Unit) -> Self {
        Contents::with(unit, Naming::Exact)
    }

    pub fn with(unit: &'u Unit, naming: Naming<'u>) -> Self {
        let except_tables = unit
            .sections
            .iter()
            .enumerate()
            .filter(|(_, s)| s.kind == Kind::ExceptTable)
            .filter_map(|(id, s)| Some((s.name.strip_prefix(EXCEPT_TABLE)?, id)))
            .collect();
        Contents {
            unit,
            naming,
            memo: RefCell::default(),
            except_tables,
        }
    }

    /// A function's code and its landing pads.
    pub fn function(&self, section: SectionId) -> Digest {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.section(section));
        hasher.update(&self.landing_pads(section).unwrap_or_default());
        shorten(&hasher)
    }

    /// The exception table of a function, which is named after it and not referred to by it.
    pub fn landing_pads(&self, function: SectionId) -> Option<Digest> {
        let name = self.unit.name_of(function)?.name.as_str();
        let table = self.except_tables.get(name)?;
        Some(self.section(*table))
    }

    /// With a stack of its own: a list in a `const` is a chain of constants of any length, and threads' stacks are not.
    pub fn section(&self, id: SectionId) -> Digest {
        let mut open = Vec::new();
        if self.begin(id) {
            open.push((id, self.unit.relocations(id)));
        }
        while let Some((at, rest)) = open.last_mut() {
            if let Some((relocation, behind)) = rest.split_first() {
                *rest = behind;
                let inner = self
                    .anonymous(relocation)
                    .filter(|inner| self.begin(*inner));
                open.extend(inner.map(|inner| (inner, self.unit.relocations(inner))));
            } else {
                let digest = self.digest(*at);
                self.memo.borrow_mut().insert(*at, Some(digest));
                open.pop();
            }
        }
        // None: being computed further up, a cycle of anonymous data. The way back adds nothing new.
        let known = self.memo.borrow().get(&id).copied();
        known.flatten().unwrap_or([0; 16])
    }

    /// Whether the section is met for the first time.
    fn begin(&self, id: SectionId) -> bool {
        let mut memo = self.memo.borrow_mut();
        let is_new = !memo.contains_key(&id);
        memo.entry(id).or_insert(None);
        is_new
    }

    /// The section of this unit that a relocation means by its contents.
    fn anonymous(&self, relocation: &Relocation) -> Option<SectionId> {
        match self.unit.target(relocation) {
            Target::Section { section, .. } if self.unit.name_of(section).is_none() => {
                Some(section)
            }
            _ => None,
        }
    }

    /// Of a section whose anonymous targets have theirs.
    fn digest(&self, id: SectionId) -> Digest {
        let mut hasher = blake3::Hasher::new();
        if let Some(section) = self.unit.sections.get(id) {
            hasher.update(&[section.kind as u8, u8::from(section.merge != 0)]);
            hasher.update(&section.size.to_le_bytes());
            let bytes = self.unit.bytes(id);
            let is_location = self.naming.ignores_positions() && self.is_location(id);
            let (counts, relocations) = match is_location {
                // The pointer to the file's name and its length, or nothing at all.
                true if self.naming.ignores_files() => (0, [].as_slice()),
                true => (16, self.unit.relocations(id)),
                false => (bytes.len(), self.unit.relocations(id)),
            };
            hasher.update(bytes.get(..counts).unwrap_or(bytes));
            for relocation in relocations {
                hasher.update(&relocation.offset.to_le_bytes());
                hasher.update(&relocation.kind.to_le_bytes());
                self.target(relocation, &mut hasher);
            }
        }
        shorten(&hasher)
    }

    /// A `core::panic::Location`: {file: &str, line: u32, col: u32} without a name of its own.
    pub fn is_location(&self, id: SectionId) -> bool {
        const SIZE: u64 = 24;
        let shaped = |s: &crate::format::unit::Section| {
            s.kind == Kind::Relro && s.size == SIZE && s.align == 8
        };
        let pointer = |r: &[Relocation]| matches!(r, [only] if only.offset == 0 && only.kind == R_X86_64_64.0);
        self.unit.sections.get(id).is_some_and(shaped)
            && self.unit.name_of(id).is_none()
            && pointer(self.unit.relocations(id))
    }

    /// Whether two relocations of two versions point at the same thing.
    pub fn target_digest(&self, relocation: &Relocation) -> Digest {
        let mut hasher = blake3::Hasher::new();
        self.target(relocation, &mut hasher);
        shorten(&hasher)
    }

    fn target(&self, relocation: &Relocation, hasher: &mut blake3::Hasher) {
        let named = |hasher: &mut blake3::Hasher, name: &str, place: i64| {
            hasher.update(b"N");
            hasher.update(self.naming.of(name).as_bytes());
            hasher.update(&place.to_le_bytes());
        };
        match self.unit.target(relocation) {
            Target::Undefined(symbol) => named(hasher, &symbol.name, relocation.addend),
            Target::Section {
                section,
                offset,
                symbol,
            } => {
                let Some(of) = self.unit.sections.get(section) else {
                    return;
                };
                if let Some(name) = self.unit.called(section, symbol) {
                    let inside = offset.wrapping_sub(name.value as i64);
                    named(hasher, &name.name, inside.wrapping_add(relocation.addend));
                } else if of.merge != 0 {
                    hasher.update(b"M");
                    match self.entry(section, relocation, offset, symbol.name.is_empty()) {
                        Some(entry) => {
                            hasher.update(entry);
                            if !symbol.name.is_empty() {
                                hasher.update(&relocation.addend.to_le_bytes());
                            }
                        }
                        None => {
                            hasher.update(&self.section(section));
                            hasher.update(&relocation.addend.to_le_bytes());
                        }
                    }
                } else {
                    hasher.update(b"A");
                    hasher.update(&self.section(section));
                    hasher.update(&offset.wrapping_add(relocation.addend).to_le_bytes());
                }
            }
        }
    }

    /// The entry of a mergeable section that a relocation means. Through a label the label's place is the entry;
    /// through the section's own symbol the addend is (and a PC-relative one leaves open what follows the field).
    fn entry(
        &self,
        section: SectionId,
        r: &Relocation,
        offset: i64,
        by_section: bool,
    ) -> Option<&[u8]> {
        let of = self.unit.sections.get(section)?;
        let place = match (by_section, r.kind) {
            (false, _) => offset,
            (true, kind) if kind == R_X86_64_PC32.0 || kind == R_X86_64_PLT32.0 => return None,
            (true, _) => offset.checked_add(r.addend)?,
        };
        let rest = self
            .unit
            .bytes(section)
            .get(usize::try_from(place).ok()?..)?;
        if of.strings {
            let width = of.merge as usize;
            let end = rest.chunks(width).position(|c| c.iter().all(|&b| b == 0))?;
            rest.get(..(end + 1) * width)
        } else {
            rest.get(..of.merge as usize)
        }
    }
}

fn shorten(hasher: &blake3::Hasher) -> Digest {
    let mut digest = [0; 16];
    hasher.finalize_xof().fill(&mut digest);
    digest
}
