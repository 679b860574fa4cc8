//! Which functions run before `main` and never again: nothing but `.init_array` leads to them.

use super::super::UnitChange;
use super::named_places::{leads, NamedPlaces};
use crate::format::unit::{Kind, Unit};
use crate::format::Result;
use crate::live::Live;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

pub struct StartUp<'l> {
    live: &'l Live,
    changes: &'l [UnitChange],
    referrers: FxHashMap<String, Vec<Referrer>>,
    /// Names that other objects can know.
    shared: FxHashSet<String>,
}

#[derive(Clone, PartialEq, Eq)]
enum Referrer {
    Start,
    Code(String),
    Other,
}

impl<'l> StartUp<'l> {
    /// `units`: both versions of the changed units, since what refers to a function in either of them may run it.
    pub fn of<'u>(
        live: &'l Live,
        changes: &'l [UnitChange],
        units: impl Iterator<Item = &'u Arc<Unit>>,
    ) -> Self {
        let mut start_up = StartUp {
            live,
            changes,
            referrers: FxHashMap::default(),
            shared: FxHashSet::default(),
        };
        let units: Vec<_> = units.collect();
        let starts = |unit: &&Arc<Unit>| unit.sections.iter().any(|s| s.kind == Kind::InitArray);
        // Most programs register nothing, and then nothing runs at start-up alone.
        if units.iter().any(starts) {
            units.into_iter().for_each(|unit| start_up.add(unit));
        }
        start_up
    }

    fn add(&mut self, unit: &Unit) {
        let places = NamedPlaces::of(unit);
        let global = unit
            .symbols
            .iter()
            .filter(|s| !s.local && s.section.is_some());
        self.shared.extend(global.map(|s| s.name.clone()));
        for (id, section) in unit.sections.iter().enumerate() {
            if !leads(section.kind) {
                continue;
            }
            for r in unit.relocations(id) {
                let Some(to) = places.target(id, r) else {
                    continue;
                };
                let from = match section.kind {
                    Kind::InitArray => Referrer::Start,
                    Kind::Text => places
                        .at(id, r.offset)
                        .map_or(Referrer::Other, |s| Referrer::Code(s.name.clone())),
                    _ => Referrer::Other,
                };
                let known = self.referrers.entry(to.name.clone()).or_default();
                if !known.contains(&from) {
                    known.push(from);
                }
            }
        }
    }

    /// Whether the function of this symbol runs at start-up, and nothing that could run later leads to it.
    pub fn only(&self, symbol: &str) -> bool {
        let mut seen: FxHashSet<&str> = FxHashSet::default();
        let mut open = vec![symbol];
        let mut starts = false;
        while let Some(at) = open.pop() {
            if !seen.insert(at) {
                continue;
            }
            let Some(from) = self.referrers.get(at) else {
                return false;
            };
            for from in from {
                match from {
                    Referrer::Start => starts = true,
                    Referrer::Code(name) if name == at => {}
                    Referrer::Code(name) => open.push(name),
                    Referrer::Other => return false,
                }
            }
        }
        starts && !self.is_known_elsewhere(&seen).unwrap_or(true)
    }

    fn is_known_elsewhere(&self, names: &FxHashSet<&str>) -> Result<bool> {
        let shared: Vec<String> = names
            .iter()
            .filter(|name| self.shared.contains(**name))
            .map(|name| name.to_string())
            .collect();
        if shared.is_empty() {
            return Ok(false);
        }
        for (_, _, slot) in self.live.others(self.changes) {
            if slot.refers_to(shared.iter())? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
