//! Vtables by their shape: debug information does not describe those in the values of statics, though objects with them
//! live as long as the program.
//!
//! rustc lays a vtable out as drop glue or null, size, alignment, then methods and supertraits; the type and the trait
//! are those of its methods, `<app::Square as app::Shape>::area`, where their symbols tell them.

use crate::format::unit::{SectionId, Target, Unit};
use crate::layout::split_impl;
use crate::reason::demangled;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const WORD: u64 = 8;
/// Drop glue, size, alignment.
const HEAD: u64 = 3;
/// The largest alignment that rustc accepts.
const MAX_ALIGN: u64 = 1 << 29;

/// What stands in each word behind the head; `None` for nothing.
pub struct Shape {
    slots: Vec<Option<Slot>>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// A method's name. Not its path: one that overrides a default has another path than the default.
    Method(String),
    /// Another vtable, for a supertrait, by its trait.
    Supertrait(Option<String>),
}

pub type ByKey = BTreeMap<(String, String), BTreeSet<Vec<Option<Slot>>>>;

/// By type and trait.
pub fn by_key(units: &[Arc<Unit>]) -> ByKey {
    let mut all = ByKey::new();
    for unit in units {
        for (_, shape, key) in shapes(unit) {
            let slots = key.map(|key| all.entry(key).or_default());
            slots.map(|slots| slots.insert(shape.slots));
        }
    }
    all
}

impl Shape {
    pub fn words(&self) -> u64 {
        HEAD + self.slots.len() as u64
    }
}

/// Type and trait, where a method's symbol tells them.
type Key = Option<(String, String)>;

/// All constants of the unit that are laid out as vtables are.
pub fn shapes(unit: &Unit) -> impl Iterator<Item = (SectionId, Shape, Key)> + '_ {
    (0..unit.sections.len()).filter_map(|id| {
        let (shape, key) = shape(unit, id, true)?;
        Some((id, shape, key))
    })
}

/// The trait of the vtable in a section.
pub fn supertrait(unit: &Unit, section: SectionId) -> Option<String> {
    let (_, key) = shape(unit, section, false)?;
    key.map(|(_, of)| of)
}

/// `nested`: whether those of supertraits are looked into, which have such in turn.
fn shape(unit: &Unit, id: SectionId, nested: bool) -> Option<(Shape, Key)> {
    let section = unit.sections.get(id)?;
    let words = section.size / WORD;
    let fits = section.kind.is_constant()
        && section.merge == 0
        && section.size % WORD == 0
        && words >= HEAD
        && unit.name_of(id).is_none();
    if !fits || !word(unit, id, 2)?.is_power_of_two() || word(unit, id, 2)? > MAX_ALIGN {
        return None;
    }
    let mut slots = vec![None; usize::try_from(words - HEAD).ok()?];
    let mut key = None;
    for r in unit.relocations(id) {
        let function = match unit.target(r) {
            Target::Undefined(symbol) => Some(demangled(&symbol.name)),
            Target::Section {
                section, symbol, ..
            } if unit.is_function(section) => {
                let name = unit.called(section, symbol).unwrap_or(symbol);
                Some(demangled(&name.name))
            }
            Target::Section { section, .. } if unit.name_of(section).is_some() => return None,
            Target::Section { .. } => None,
        };
        let at = (r.offset % WORD == 0).then_some(r.offset / WORD)?;
        let slot = match (at.checked_sub(HEAD), function) {
            (None, Some(_)) if at == 0 => continue,
            (None, _) => return None,
            (Some(slot), Some(path)) => {
                key = key.or_else(|| key_of(&path));
                let name = path.rsplit("::").next().unwrap_or(&path).to_string();
                (slot, Slot::Method(name))
            }
            (Some(slot), None) => {
                let of = match unit.target(r) {
                    Target::Section { section, .. } if nested => supertrait(unit, section),
                    _ => None,
                };
                (slot, Slot::Supertrait(of))
            }
        };
        *slots.get_mut(usize::try_from(slot.0).ok()?)? = Some(slot.1);
    }
    Some((Shape { slots }, key))
}

fn key_of(method: &str) -> Key {
    let (block, _) = method.rsplit_once("::")?;
    let (of, for_trait) = split_impl(block)?;
    Some((of.to_string(), for_trait.to_string()))
}

fn word(unit: &Unit, id: SectionId, at: usize) -> Option<u64> {
    let bytes = unit.bytes(id).get(at * 8..at * 8 + 8)?;
    Some(u64::from_le_bytes(bytes.try_into().ok()?))
}
