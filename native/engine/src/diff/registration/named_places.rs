//! What stands at a place of a section that several functions or statics share, as `#[link_section]` makes them.

use crate::format::unit::{
    is_anonymous, Kind, Relocation, SectionId, Symbol, SymbolKind, Target, Unit,
};
use object::elf::{R_X86_64_32, R_X86_64_32S, R_X86_64_64};
use std::collections::BTreeMap;

/// The named functions and statics of one unit by where they begin.
pub struct NamedPlaces<'u> {
    pub unit: &'u Unit,
    begin: BTreeMap<(SectionId, u64), &'u Symbol>,
}

impl<'u> NamedPlaces<'u> {
    pub fn of(unit: &'u Unit) -> Self {
        let named = |s: &&Symbol| {
            !matches!(s.kind, SymbolKind::Section | SymbolKind::File) && !is_anonymous(&s.name)
        };
        let places = unit.symbols.iter().filter(named);
        NamedPlaces {
            unit,
            begin: places
                .filter_map(|s| Some(((s.section?, s.value), s)))
                .collect(),
        }
    }

    /// What begins last before this byte of the section, or at it.
    pub fn at(&self, section: SectionId, offset: u64) -> Option<&'u Symbol> {
        let (&(of, _), symbol) = self.begin.range(..=(section, offset)).next_back()?;
        (of == section).then_some(*symbol)
    }

    /// All that begins in the section, in order.
    pub fn within(&self, section: SectionId) -> impl Iterator<Item = &'u Symbol> + '_ {
        let places = self.begin.range((section, 0)..=(section, u64::MAX));
        places.map(|(_, symbol)| *symbol)
    }

    /// The section and the byte in it that a relocation of `from` means; `None` for what another object defines.
    pub fn place(&self, from: SectionId, r: &Relocation) -> Option<(SectionId, u64)> {
        let Target::Section {
            section, offset, ..
        } = self.unit.target(r)
        else {
            return None;
        };
        // Code refers to a place from the end of the four-byte field (psABI 4.4, `S + A - P`), data from its start.
        let is_absolute = [R_X86_64_64.0, R_X86_64_32.0, R_X86_64_32S.0].contains(&r.kind);
        let bias = i64::from(self.unit.is_function(from) && !is_absolute) * 4;
        let place = offset.checked_add(r.addend)?.checked_add(bias)?;
        Some((section, u64::try_from(place).ok()?))
    }

    /// The named thing that a relocation of `from` leads to, or into.
    pub fn target(&self, from: SectionId, r: &Relocation) -> Option<&'u Symbol> {
        match self.unit.target(r) {
            Target::Undefined(symbol) => Some(symbol),
            Target::Section { symbol, .. }
                if symbol.kind != SymbolKind::Section && !is_anonymous(&symbol.name) =>
            {
                Some(symbol)
            }
            Target::Section { .. } => {
                let (section, place) = self.place(from, r)?;
                self.at(section, place)
            }
        }
    }

    /// The relocations of a symbol's own bytes; all of its section when it has no size.
    pub fn relocations(&self, symbol: &Symbol) -> impl Iterator<Item = &'u Relocation> {
        let size = if symbol.size == 0 {
            u64::MAX
        } else {
            symbol.size
        };
        let range = symbol.value..symbol.value.saturating_add(size);
        let all = symbol.section.map(|of| self.unit.relocations(of));
        all.unwrap_or_default()
            .iter()
            .filter(move |r| range.contains(&r.offset))
    }
}

/// Whether what refers from there makes code run or data be read: unwind tables and debug information do not.
pub fn leads(kind: Kind) -> bool {
    !matches!(kind, Kind::Other | Kind::ExceptTable)
}
