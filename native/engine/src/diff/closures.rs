//! Closures have no names of their own: rustc numbers them within their function, and the number is in the symbol
//! (v0: `{closure#1}`; legacy: in the hash). A closure that is put in front of others shifts all numbers behind it, and
//! the same symbol then means its neighbour. Old closures that live in the program must never get a neighbour's body.

use super::correlate::Side;
use super::Function;
use crate::reason::{demangled, Reason};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Closures and async bodies of one function, nested ones included, by symbol.
type Group<'s> = BTreeMap<&'s str, &'s Function>;

/// Functions whose closures were renumbered, so that symbols cannot be trusted: one reason each.
pub fn renumbered(old: &Side<'_>, new: &Side<'_>) -> Vec<Reason> {
    let (old, new) = (groups(old), groups(new));
    let mut reasons = Vec::new();
    for (owner, before) in &old {
        let Some(after) = new.get(owner) else {
            continue;
        };
        if shifted(before, after) {
            reasons.push(
                Reason::new(
                    "closures-renumbered",
                    owner.clone(),
                    format!("A closure was added, removed or moved before others in `{owner}`, so the running closures cannot be told apart by name."),
                )
                .remedy("Restart the program with the new build, or add new closures behind the existing ones."),
            );
        }
    }
    reasons.sort_by(|a, b| a.subject.cmp(&b.subject));
    reasons
}

fn groups<'s>(side: &'s Side<'_>) -> FxHashMap<String, Group<'s>> {
    let mut groups: FxHashMap<String, Group<'s>> = FxHashMap::default();
    for (key, function) in &side.functions {
        if let Some(owner) = owner(&key.name) {
            groups.entry(owner).or_default().insert(&key.name, function);
        }
    }
    groups
}

/// The function that a closure's symbol belongs to: the path up to the first closure part.
fn owner(symbol: &str) -> Option<String> {
    let path = demangled(symbol);
    let at = [
        path.find("::{{closure}}"),
        path.find("::{closure#"),
        path.find("::{async_"),
    ]
    .into_iter()
    .flatten()
    .min()?;
    // Instances of library generics carry closures in their type arguments; those are not closures themselves.
    let head = path.get(..at)?;
    (head.matches('<').count() == head.matches('>').count()).then(|| head.to_string())
}

/// Numbers shifted when a body turns up under another symbol than before, or when closures came or went while one that
/// kept its symbol changed (it may be an edit, or a neighbour: the objects cannot tell).
fn shifted(before: &Group<'_>, after: &Group<'_>) -> bool {
    let edited: Vec<&str> = before
        .iter()
        .filter(|(name, old)| after.get(*name).is_some_and(|new| new.digest != old.digest))
        .map(|(name, _)| *name)
        .collect();
    if edited.is_empty() {
        return false;
    }
    let moved = edited.iter().any(|name| {
        before.get(name).is_some_and(|old| {
            after.iter().any(|(other, new)| {
                other != name
                    && new.digest == old.digest
                    && before
                        .get(other)
                        .is_none_or(|same| same.digest != new.digest)
            })
        })
    });
    let same_names = before.len() == after.len() && before.keys().eq(after.keys());
    moved || !same_names
}
