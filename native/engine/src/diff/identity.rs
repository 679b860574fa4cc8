//! The upper rungs of the ladder (`correlate` has the lower ones): functions whose symbol says nothing reliable.
//!
//! 3. **Same path and same meaning.** A generic instance that another crate instantiates now has another hash;
//!    a closure behind a new one has another number. Two such functions are one when their code is the same and
//!    everything they refer to is the same, *under the very pairing that is being sought*: start from all pairs that
//!    look alike, and drop those whose meanings differ until no more do (the largest bisimulation).
//! 4. **Same declaration.** A symbol covers the number of its `impl` block, so an `impl` that is written above shifts
//!    the symbols of all methods below it, also of one that was edited. It is told by where debug information declares
//!    it and by its types, if only one function is declared so on either side (`declared`).
//! 5. **Same slot of a vtable.** A method that overrides a trait's default for a type takes the place of that type's
//!    instance of the default, and the other way round (`slots`).
//! 6. **Same code elsewhere.** A function that was moved to another module or file has another path. It is told by its
//!    last name, its types and its code, if only one function is like it on either side (`moved`).
//!
//! What is left over is not guessed at by position: the old one keeps its code, the new one is new.

mod candidates;
mod declared;
mod loose;
mod moved;
mod slots;

use super::closures::Renumbered;
use super::content::Contents;
use super::correlate::Side;
use super::debug_sides::DebugSides;
use super::locations;
use super::naming::Naming;
use super::states::States;
use super::taint::{is_about_environments, Taint};
use super::Function;
use crate::format::unit::Unit;
use crate::live::SymbolKey;
use candidates::candidates;
use loose::loose;
pub use loose::refers_to;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// New functions by the old ones that they are.
type Pairs = FxHashMap<SymbolKey, SymbolKey>;

/// Functions of both sides that have no partner by their symbol.
struct Loose<'f> {
    old: Vec<&'f Function>,
    new: Vec<&'f Function>,
}

#[derive(Default)]
pub struct Identity {
    /// By meaning.
    pairs: Pairs,
    /// By what they are declared as: their code may have changed.
    declared: Pairs,
    /// New functions that are not what their symbol says.
    loose: FxHashSet<SymbolKey>,
    /// New copies of functions that other units have a copy of.
    copies: FxHashSet<SymbolKey>,
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
        states: &States,
    ) -> Identity {
        let taint = Taint::find(debug, [], renumbered.environments.iter().cloned());
        let shifted = |key: &SymbolKey| debug.shifted && declared::differs(debug, &key.name);
        let loose_new = loose(
            new,
            |key| old.partner(key).is_some() && !shifted(key),
            &debug.new,
            renumbered,
            &taint,
        );
        let loose_old = loose(
            old,
            |key| new.partner(key).is_some() && !shifted(key),
            &debug.old,
            renumbered,
            &taint,
        );
        let mut identity = Identity {
            loose: loose_new.iter().map(|f| f.key.clone()).collect(),
            ..Identity::default()
        };
        let is_plain = |f: &&Function| {
            let sides = [&debug.old, &debug.new].into_iter();
            let mut signatures = sides.filter_map(|side| side.signature(&f.key.name));
            !renumbered.functions.contains(&f.key) && !signatures.any(|s| taint.touches(s))
        };
        let is_copy = |f: &&&Function| is_plain(f) && !shifted(&f.key) && old.knows(&f.key.name);
        let copies = loose_new.iter().filter(is_copy);
        identity.copies = copies.map(|f| f.key.clone()).collect();
        let plain = Loose {
            old: loose_old.iter().copied().filter(is_plain).collect(),
            new: loose_new.iter().copied().filter(is_plain).collect(),
        };
        if debug.shifted {
            identity.declared = declared::pairs(debug, &plain, old, new);
        }
        let all = Loose {
            old: loose_old,
            new: loose_new,
        };
        identity.pairs = candidates(&identity.left(&all), &identity.declared, states, old, new);
        let renamed = |(key, partner): (&SymbolKey, &SymbolKey)| key.name != partner.name;
        if identity.pairs.iter().any(renamed) {
            let pairs = declared::pairs(debug, &identity.left(&plain), old, new);
            identity.declared.extend(pairs);
        }
        let pairs = slots::pairs(debug, &identity.left(&plain));
        identity.declared.extend(pairs);
        let pairs = moved::pairs(debug, &identity.left(&plain));
        identity.declared.extend(pairs);
        loop {
            identity.rename = identity.names(&all.new, old);
            identity.rename.extend(states.names());
            let differing = identity.differing(old, new, new_units, debug);
            if differing.is_empty() {
                return identity;
            }
            for key in differing {
                identity.pairs.remove(&key);
            }
        }
    }

    /// What has no partner yet.
    fn left<'f>(&self, all: &Loose<'f>) -> Loose<'f> {
        let known = || self.pairs.iter().chain(&self.declared);
        let olds: FxHashSet<&SymbolKey> = known().map(|(_, old)| old).collect();
        let news: FxHashSet<&SymbolKey> = known().map(|(new, _)| new).collect();
        let left = |functions: &[&'f Function], taken: &FxHashSet<&SymbolKey>| {
            let left = functions.iter().copied();
            left.filter(|f| !taken.contains(&f.key)).collect()
        };
        Loose {
            old: left(&all.old, &olds),
            new: left(&all.new, &news),
        }
    }

    /// The old function that the new one is.
    pub fn partner<'s>(&self, old: &'s Side<'_>, key: &SymbolKey) -> Option<&'s Function> {
        match self.known(key) {
            Some(known) => old.functions.get(known),
            None if self.loose.contains(key) => None,
            None => old.partner(key),
        }
    }

    fn known(&self, key: &SymbolKey) -> Option<&SymbolKey> {
        self.pairs.get(key).or_else(|| self.declared.get(key))
    }

    /// Whether a symbol of the new side means what a symbol of the old side meant.
    pub fn is_same(&self, old: &str, new: &str) -> bool {
        self.meaning(new) == old
    }

    /// The name under which what a new symbol means was known before.
    pub fn meaning<'s>(&'s self, new: &'s str) -> &'s str {
        self.rename.get(new).map_or(new, String::as_str)
    }

    /// Symbols that exist on both sides and mean different functions.
    pub fn taken<'i>(&'i self, old: &'i Side<'_>) -> impl Iterator<Item = &'i String> {
        self.rename.keys().filter(|name| old.knows(name))
    }

    fn names(&self, loose: &[&Function], old: &Side<'_>) -> FxHashMap<String, String> {
        let mut names = FxHashMap::default();
        for function in loose {
            let name = &function.key.name;
            match self.known(&function.key) {
                Some(partner) if partner.name != *name => {
                    names.insert(name.clone(), partner.name.clone());
                }
                None if old.knows(name) && !self.copies.contains(&function.key) => {
                    names.insert(name.clone(), format!("new {name}"));
                }
                _ => {}
            }
        }
        names
    }

    fn differing(
        &self,
        old: &Side<'_>,
        new: &Side<'_>,
        new_units: &[Arc<Unit>],
        debug: &DebugSides,
    ) -> Vec<SymbolKey> {
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
            retyped(debug, &partner.name, &key.name)
                || b.function(after.section) != before.digest
                    && locations::only_locations(a, before.section, b, after.section).is_none()
        };
        self.pairs
            .iter()
            .filter(differs)
            .map(|(key, _)| key.clone())
            .collect()
    }
}

/// Code can be the same for other types: `fn make() -> Box<dyn Fn() -> u32>` that gives a `Box<dyn Fn() -> String>` now.
/// Types that name environments differ by how these are numbered.
fn retyped(debug: &DebugSides, old: &str, new: &str) -> bool {
    match (debug.old.signature(old), debug.new.signature(new)) {
        (Some(a), Some(b)) => {
            a.digest() != b.digest() && !is_about_environments(a) && !is_about_environments(b)
        }
        _ => false,
    }
}
