//! Pairs that look alike: the start of the search for the largest bisimulation.

use super::super::content::Contents;
use super::super::correlate::Side;
use super::super::naming::{path, Naming};
use super::super::states::States;
use super::super::Function;
use super::{Loose, Pairs};
use crate::format::unit::Unit;
use crate::live::SymbolKey;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// Refining stops here at the latest; what it leaves together wrongly is told apart by comparing the pairs.
const ROUNDS: usize = 16;

/// Pairs that look alike, by partition refinement: functions are in one class when path, code and the classes of what
/// they refer to are the same. Within a class namesakes are paired first.
pub fn candidates(
    left: &Loose<'_>,
    known: &Pairs,
    states: &States,
    old: &Side<'_>,
    new: &Side<'_>,
) -> FxHashMap<SymbolKey, SymbolKey> {
    let label = |name: &str| format!("known {name}");
    let old_names = known.values().map(|k| (k.name.clone(), label(&k.name)));
    let new_names = known
        .iter()
        .map(|(k, old)| (k.name.clone(), label(&old.name)));
    let old_statics = states.names().map(|(_, old)| (old.clone(), label(&old)));
    let new_statics = states.names().map(|(new, old)| (new, label(&old)));
    let mut sides = [
        Classes::new(&left.old, old, old_names.chain(old_statics).collect()),
        Classes::new(&left.new, new, new_names.chain(new_statics).collect()),
    ];
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
    /// Classes of functions that are paired already.
    known: FxHashMap<String, String>,
    of: FxHashMap<String, String>,
}

impl<'f> Classes<'f> {
    fn new(functions: &[&'f Function], side: &Side<'_>, known: FxHashMap<String, String>) -> Self {
        let unique = functions
            .iter()
            .copied()
            .filter(|f| side.is_unique(&f.key.name))
            .collect::<Vec<_>>();
        let mut of = known.clone();
        of.extend(
            unique
                .iter()
                .map(|f| (f.key.name.clone(), path(&f.key.name))),
        );
        Classes {
            functions: unique,
            known,
            of,
        }
    }

    fn refined(self) -> Self {
        let mut contents: FxHashMap<*const Unit, Contents<'_>> = FxHashMap::default();
        let mut of = self.known.clone();
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
            known: self.known,
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
