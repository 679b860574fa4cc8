//! What has to be counted before addresses exist: address slots (GOT), jump slots for imports, dynamic relocations.

use super::graph::Graph;
use super::relocate::{form, Form};
use super::resolve::{Imported, Place};
use crate::live::Live;
use crate::reason::{demangled, Reason};
use rustc_hash::{FxHashMap, FxHashSet};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Slot {
    /// Holds the address of a place.
    Address(Place),
    /// Holds a thread-local's offset from the thread pointer.
    ThreadOffset(Place),
    /// Holds the address of a personality routine.
    Personality(String, Place),
}

pub struct Tables {
    pub slots: Vec<Slot>,
    ids: FxHashMap<Slot, usize>,
    /// Imports that are called: `jmp *slot(%rip)` each.
    pub stubs: Vec<usize>,
    pub imports: Vec<Imported>,
    pub relative: usize,
    pub other: usize,
}

impl Tables {
    pub fn count(
        graph: &Graph,
        live: &Live,
        libraries: &FxHashSet<String>,
        imports: Vec<Imported>,
        personalities: &FxHashSet<&str>,
    ) -> Result<Tables, Vec<Reason>> {
        let mut tables = Tables {
            slots: Vec::new(),
            ids: FxHashMap::default(),
            stubs: Vec::new(),
            imports,
            relative: 0,
            other: 0,
        };
        let mut reasons = Vec::new();
        for block in &graph.blocks {
            let unit = &graph.units[block.unit];
            for (r, place) in unit.relocations(block.section).iter().zip(&block.edges) {
                match (form(r.kind), place) {
                    (Some(Form::None), _) | (_, Place::Nothing) => {}
                    (Some(Form::Absolute64), Place::Import(_)) => tables.other += 1,
                    (Some(Form::Absolute64), _) => tables.relative += 1,
                    (Some(Form::Relative32 | Form::Relative64), Place::Import(import)) => {
                        tables.stub(*import)
                    }
                    (Some(Form::SlotRelative32), _) => tables.slot(Slot::Address(place.clone())),
                    (Some(Form::ThreadSlotRelative32), _) => {
                        tables.slot(Slot::ThreadOffset(place.clone()))
                    }
                    (Some(_), _) => {}
                    (None, _) => {
                        let wanted_by = unit
                            .name_of(block.section)
                            .map_or_else(String::new, |s| demangled(&s.name));
                        reasons.push(Reason::new(
                            "unsupported-relocation",
                            wanted_by.clone(),
                            format!("`{wanted_by}` uses relocation kind {} of the psABI, which patches cannot hold.", r.kind),
                        ));
                    }
                }
            }
        }
        let mut names: Vec<&str> = personalities.iter().copied().collect();
        names.sort_unstable();
        for name in names {
            match tables.personality_place(name, live, libraries) {
                Some(place) => tables.slot(Slot::Personality(name.into(), place)),
                None => reasons.push(Reason::new(
                    "unresolved-symbol",
                    name,
                    format!("Unwinding needs `{name}`, which the program does not have."),
                )),
            }
        }
        if reasons.is_empty() {
            Ok(tables)
        } else {
            reasons.dedup();
            Err(reasons)
        }
    }

    fn personality_place(
        &mut self,
        name: &str,
        live: &Live,
        libraries: &FxHashSet<String>,
    ) -> Option<Place> {
        if let Some(symbol) = live.host.symbol(name) {
            return Some(Place::Live(symbol.address as i64));
        }
        libraries.contains(name).then(|| {
            self.imports.push(Imported {
                name: name.into(),
                weak: false,
            });
            Place::Import(self.imports.len() - 1)
        })
    }

    fn slot(&mut self, slot: Slot) {
        if self.ids.contains_key(&slot) {
            return;
        }
        match &slot {
            Slot::Address(Place::Import(_)) | Slot::Personality(_, Place::Import(_)) => {
                self.other += 1
            }
            Slot::Address(_) | Slot::Personality(..) => self.relative += 1,
            // The pool's offset is the same in every process of one image, but only the loader knows it for sure.
            Slot::ThreadOffset(Place::ThreadBlock { .. }) => self.other += 1,
            Slot::ThreadOffset(_) => {}
        }
        self.ids.insert(slot.clone(), self.slots.len());
        self.slots.push(slot);
    }

    fn stub(&mut self, import: usize) {
        if !self.stubs.contains(&import) {
            self.stubs.push(import);
            self.slot(Slot::Address(Place::Import(import)));
        }
    }

    pub fn slot_of(&self, slot: &Slot) -> Option<usize> {
        self.ids.get(slot).copied()
    }

    pub fn stub_of(&self, import: usize) -> Option<usize> {
        self.stubs.iter().position(|&i| i == import)
    }

    pub fn personality(&self, name: &str) -> Option<usize> {
        self.slots
            .iter()
            .position(|s| matches!(s, Slot::Personality(n, _) if n == name))
    }
}
