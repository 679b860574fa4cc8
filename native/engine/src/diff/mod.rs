//! Old units against new units: what changed, and whether the change may be applied to a running program.
//!
//! The order: pair functions by identity (`correlate`), compare what each means (`content`), set aside those that
//! differ in nothing but source positions (`locations`), find readers of constants that changed (`readers`), then hold
//! the result against what must not change (`gates`).

pub mod absence;
mod blocks;
pub mod closures;
pub mod content;
pub mod correlate;
pub mod debug_sides;
pub mod gates;
pub mod identity;
pub mod impls;
pub mod locations;
pub mod naming;
pub mod plan;
pub mod readers;
pub mod registration;
mod restore;
mod returned;
mod shared_sections;
mod shims;
pub mod signatures;
pub mod states;
pub mod taint;
pub mod vtables;

use crate::format::unit::{SectionId, Unit};
use crate::live::{SymbolKey, UnitSlot};
use std::sync::Arc;

/// One unit that a compile made anew or removed.
pub struct UnitChange {
    pub crate_id: String,
    pub name: String,
    pub old: Option<UnitSlot>,
    pub new: Option<UnitSlot>,
}

/// A named function in one version of a unit.
#[derive(Clone)]
pub struct Function {
    pub unit: Arc<Unit>,
    /// Place of the unit in its side.
    pub index: usize,
    pub section: SectionId,
    pub key: SymbolKey,
    pub digest: content::Digest,
}

impl Function {
    pub fn symbol(&self) -> Option<&crate::format::unit::Symbol> {
        let named = |s: &&crate::format::unit::Symbol| s.name == self.key.name;
        self.unit.name_of(self.section).filter(named).or_else(|| {
            let names = self.unit.names_of(self.section);
            names.into_iter().find(|s| named(s))
        })
    }
}
