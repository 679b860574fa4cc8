//! The upper rungs of the ladder (`correlate` has the lower ones): functions whose symbol says nothing reliable are paired
//! by what they mean.
//!
//! 3. **Same path and same meaning.** A generic instance that another crate instantiates now has another hash;
//!    a closure behind a new one has another number. Two such functions are one when their code is the same and
//!    everything they refer to is the same, *under the very pairing that is being sought*: start from all pairs that
//!    look alike, and drop those whose meanings differ until no more do (the largest bisimulation).
//!
//! What is left over is not guessed at by position: the old one keeps its code, the new one is new.

use super::closures::Renumbered;
use super::content::Contents;
use super::correlate::Side;
use super::debug_sides::{DebugSide, DebugSides};
use super::locations;
use super::naming::{path, Naming};
use super::taint::Taint;
use super::Function;
use crate::format::unit::{Target, Unit};
use crate::live::SymbolKey;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Default)]
pub struct Identity {
    pairs: FxHashMap<SymbolKey, SymbolKey>,
    /// New functions that are not what their symbol says.
    loose: FxHashSet<SymbolKey>,
    /// New symbol -> the name under which its meaning was known before. What is new under an old name gets a name that
    /// no symbol has.
    pub rename: FxHashMap<String, String>,
}

impl Identity {
    pub fn establish(
        old: &Side<'_>,
        new: &Side<'_>,
        new_units: &[Arc<Unit>],
        debug: &DebugSides,
        renumbered: &Renumbered,
    ) -> Identity {
        let taint = Taint::find(debug, &[], renumbered.environments.iter().cloned());
        let loose_new = loose(
            new,
            |key| old.partner(key).is_some(),
            &debug.new,
            renumbered,
            &taint,
        );
        let loose_old = loose(
            old,
            |key| new.partner(key).is_some(),
            &debug.old,
            renumbered,
            &taint,
        );
        let mut identity = Identity {
            loose: loose_new.iter().map(|f| f.key.clone()).collect(),
            ..Identity::default()
        };
        identity.pairs = candidates(&loose_old, &loose_new, old, new);
        loop {
            identity.rename = identity.names(&loose_new, old);
            let differing = identity.differing(old, new, new_units);
            if differing.is_empty() {
                return identity;
            }
            for key in differing {
                identity.pairs.remove(&key);
            }
        }
    }

    /// The old function that the new one is.
    pub fn partner<'s>(&self, old: &'s Side<'_>, key: &SymbolKey) -> Option<&'s Function> {
        match self.pairs.get(key) {
            Some(known) => old.functions.get(known),
            None if self.loose.contains(key) => None,
            None => old.partner(key),
        }
    }

    /// Symbols that exist on both sides and mean different functions.
    pub fn moved(&self) -> impl Iterator<Item = &String> {
        self.rename.keys()
    }

    fn names(&self, loose: &[&Function], old: &Side<'_>) -> FxHashMap<String, String> {
        let mut names = FxHashMap::default();
        for function in loose {
            let name = &function.key.name;
            match self.pairs.get(&function.key) {
                Some(partner) if partner.name != *name => {
                    names.insert(name.clone(), partner.name.clone());
                }
                None if old.knows(name) => {
                    names.insert(name.clone(), format!("new {name}"));
                }
                _ => {}
            }
        }
        names
    }

    fn differing(&self, old: &Side<'_>, new: &Side<'_>, new_units: &[Arc<Unit>]) -> Vec<SymbolKey> {
        let contents: Vec<Contents<'_>> = new_units
            .iter()
            .map(|u| Contents::with(u, Naming::Renamed(&self.rename)))
            .collect();
        let differs = |(key, partner): &(&SymbolKey, &SymbolKey)| {
            let (Some(after), Some(before)) = (new.functions.get(key), old.functions.get(partner))
            else {
                return true;
            };
            let (a, b) = (old.contents(before), &contents[after.index]);
            b.function(after.section) != before.digest
                && locations::only_locations(a, before.section, b, after.section).is_none()
        };
        self.pairs
            .iter()
            .filter(differs)
            .map(|(key, _)| key.clone())
            .collect()
    }
}

/// Functions of one side that have no namesake, that are renumbered closures, or that were compiled for one.
fn loose<'s>(
    side: &'s Side<'_>,
    has_namesake: impl Fn(&SymbolKey) -> bool,
    debug: &DebugSide,
    renumbered: &Renumbered,
    taint: &Taint,
) -> Vec<&'s Function> {
    let mut loose: FxHashMap<&SymbolKey, &Function> = FxHashMap::default();
    let for_renumbered = |key: &SymbolKey| {
        renumbered.functions.contains(key)
            || debug.signature(&key.name).is_some_and(|s| taint.touches(s))
    };
    for (key, function) in &side.functions {
        if !has_namesake(key) || for_renumbered(key) {
            loose.insert(key, function);
        }
    }
    // Shims have no signature: they are compiled for a closure if they refer to something that is.
    let mut names: FxHashSet<&str> = loose
        .keys()
        .filter(|key| for_renumbered(key))
        .map(|key| key.name.as_str())
        .collect();
    loop {
        let before = loose.len();
        for (key, function) in &side.functions {
            let unsigned = debug.signature(&key.name).is_none();
            if unsigned && !loose.contains_key(key) && refers_to(function, &names) {
                loose.insert(key, function);
                names.insert(&key.name);
            }
        }
        if loose.len() == before {
            return loose.into_values().collect();
        }
    }
}

pub fn refers_to(function: &Function, names: &FxHashSet<&str>) -> bool {
    !names.is_empty()
        && function.unit.relocations(function.section).iter().any(|r| {
            match function.unit.target(r) {
                Target::Undefined(symbol) => names.contains(symbol.name.as_str()),
                Target::Section { section, .. } => function
                    .unit
                    .name_of(section)
                    .is_some_and(|s| names.contains(s.name.as_str())),
            }
        })
}

/// Refining stops here at the latest; what it leaves together wrongly is told apart by comparing the pairs.
const ROUNDS: usize = 16;

/// Pairs that look alike, by partition refinement: functions are in one class when path, code and the classes of what
/// they refer to are the same. Within a class namesakes are paired first.
fn candidates(
    loose_old: &[&Function],
    loose_new: &[&Function],
    old: &Side<'_>,
    new: &Side<'_>,
) -> FxHashMap<SymbolKey, SymbolKey> {
    let mut sides = [Classes::new(loose_old, old), Classes::new(loose_new, new)];
    let mut count = 0;
    for _ in 0..ROUNDS {
        sides = sides.map(Classes::refined);
        let classes: FxHashSet<&String> = sides.iter().flat_map(|side| side.of.values()).collect();
        if classes.len() <= count {
            break;
        }
        count = classes.len();
    }
    let [before, after] = sides.map(|side| side.members());
    let mut pairs = FxHashMap::default();
    for (class, news) in after {
        let Some(olds) = before.get(&class) else {
            continue;
        };
        let (mut olds, mut rest) = (olds.clone(), Vec::new());
        for key in news {
            match olds.iter().position(|o| *o == key) {
                Some(at) => {
                    pairs.insert(key.clone(), olds.remove(at).clone());
                }
                None => rest.push(key),
            }
        }
        pairs.extend(rest.into_iter().cloned().zip(olds.into_iter().cloned()));
    }
    pairs
}

/// The loose functions of one side and the class of each, by name.
struct Classes<'f> {
    functions: Vec<&'f Function>,
    of: FxHashMap<String, String>,
}

impl<'f> Classes<'f> {
    fn new(functions: &[&'f Function], side: &Side<'_>) -> Self {
        let unique = functions
            .iter()
            .copied()
            .filter(|f| side.is_unique(&f.key.name))
            .collect::<Vec<_>>();
        let of = unique
            .iter()
            .map(|f| (f.key.name.clone(), path(&f.key.name)))
            .collect();
        Classes {
            functions: unique,
            of,
        }
    }

    fn refined(self) -> Self {
        let mut contents: FxHashMap<*const Unit, Contents<'_>> = FxHashMap::default();
        let mut of = FxHashMap::default();
        for function in &self.functions {
            let unit: &Unit = &function.unit;
            let contents = contents
                .entry(unit)
                .or_insert_with(|| Contents::with(unit, Naming::Classes(&self.of)));
            let digest = contents.function(function.section);
            of.insert(
                function.key.name.clone(),
                format!("{} {digest:02x?}", path(&function.key.name)),
            );
        }
        Classes {
            functions: self.functions,
            of,
        }
    }

    fn members(self) -> BTreeMap<String, Vec<&'f SymbolKey>> {
        let mut members: BTreeMap<String, Vec<&SymbolKey>> = BTreeMap::default();
        for function in self.functions {
            if let Some(class) = self.of.get(&function.key.name) {
                members
                    .entry(class.clone())
                    .or_default()
                    .push(&function.key);
            }
        }
        for keys in members.values_mut() {
            keys.sort_by(|a, b| a.name.cmp(&b.name));
        }
        members
    }
}
