//! Items of `const _: () = { ... }` blocks, as macros write them. The blocks of a module are numbered, and the numbers
//! are in the symbols: a block that is written above gives the items of all those below the symbols of their neighbours.
//! Debug information calls every block `app::_`.

mod readers;

pub use readers::moved;

use super::content::{Contents, Digest};
use super::debug_sides::DebugSide;
use super::states::State;
use crate::live::SymbolKey;
use crate::reason::Reason;
use rustc_hash::{FxHashMap, FxHashSet};

/// Whether what has this scope is told by the number of a block alone. A method has its type in its symbol too.
pub fn is_in_block(scope: &str) -> bool {
    scope.split("::").any(|part| part == "_") && !scope.contains("{impl#")
}

/// Which static of which block is which.
#[derive(Default)]
pub struct Blocks {
    /// New statics by the old ones that they are, where the symbols are others.
    pub renamed: FxHashMap<SymbolKey, SymbolKey>,
    /// New statics under the symbols of old ones.
    pub fresh: FxHashSet<SymbolKey>,
    pub refused: Vec<Reason>,
}

type Group<'k> = FxHashMap<&'k SymbolKey, Digest>;

/// Statics of one name and type are told apart by their initial values, where the numbers have shifted: as those values
/// show, or those who refer to the blocks (`moved`).
pub fn pair(
    old: (&FxHashMap<SymbolKey, State>, &DebugSide),
    new: (&FxHashMap<SymbolKey, State>, &DebugSide),
    moved: &FxHashSet<String>,
) -> Blocks {
    let (before, after) = (groups(old.0, old.1), groups(new.0, new.1));
    let mut blocks = Blocks::default();
    for (declaration, after) in &after {
        if let Some(before) = before.get(declaration) {
            let is_moved = shifted(before, after) || moved.contains(declaration.0);
            // The only one on either side is told by its declaration.
            if is_moved && before.len().max(after.len()) > 1 {
                blocks.add(before, after, declaration.0, declaration.1);
            }
        }
    }
    blocks.refused.sort_by(|a, b| a.subject.cmp(&b.subject));
    blocks
}

impl Blocks {
    fn add(&mut self, before: &Group<'_>, after: &Group<'_>, scope: &str, name: &str) {
        let of = |group: &Group<'_>, digest: Digest| -> Vec<SymbolKey> {
            let keys = group.iter().filter(|(_, other)| **other == digest);
            keys.map(|(key, _)| (*key).clone()).collect()
        };
        let mut unclear = false;
        let mut found: FxHashSet<SymbolKey> = FxHashSet::default();
        let mut others: Vec<&SymbolKey> = Vec::new();
        for (key, digest) in after {
            match (of(before, *digest).as_slice(), of(after, *digest).len()) {
                ([only], 1) => {
                    found.insert(only.clone());
                    if only != *key {
                        self.renamed.insert((*key).clone(), only.clone());
                    }
                }
                ([], _) => others.push(key),
                _ => unclear = true,
            }
        }
        // One with another initial value is new, unless it may be an old one that was edited.
        unclear |= !others.is_empty() && found.len() < before.len();
        let taken = others.into_iter().filter(|key| before.contains_key(key));
        self.fresh.extend(taken.cloned());
        if unclear {
            let subject = format!("{scope}::{name}");
            let message = format!("Blocks `const _` came, went or changed places, several have a static `{subject}`, and it cannot be told which live value is whose.");
            self.refused
                .push(Reason::new("anonymous-static", subject, message));
        }
    }
}

/// Symbols came or went, or an initial value turns up under another symbol.
fn shifted(before: &Group<'_>, after: &Group<'_>) -> bool {
    let same = |key: &SymbolKey| {
        before
            .get(key)
            .is_some_and(|old| after.get(key) == Some(old))
    };
    let came_or_went =
        before.len() != after.len() || !before.keys().all(|key| after.contains_key(key));
    let moved = before.iter().any(|(key, old)| {
        !same(key) && after.iter().any(|(other, new)| other != key && new == old)
    });
    let all_same = before.keys().all(|key| same(key));
    moved || came_or_went && (!all_same || has_equals(before) || has_equals(after))
}

/// Whether initial values do not tell the statics apart.
fn has_equals(group: &Group<'_>) -> bool {
    let digests: FxHashSet<&Digest> = group.values().collect();
    digests.len() < group.len()
}

type Declaration<'d> = (&'d str, &'d str, u64);

fn groups<'k>(
    statics: &'k FxHashMap<SymbolKey, State>,
    debug: &'k DebugSide,
) -> FxHashMap<Declaration<'k>, Group<'k>> {
    let mut groups: FxHashMap<Declaration<'_>, Group<'_>> = FxHashMap::default();
    for (key, (unit, section)) in statics {
        let Some(signature) = debug.signature(&key.name) else {
            continue;
        };
        if is_in_block(signature.scope()) {
            let declaration = (signature.scope(), signature.name(), signature.digest());
            let digest = Contents::new(unit).section(*section);
            groups.entry(declaration).or_default().insert(key, digest);
        }
    }
    groups
}
