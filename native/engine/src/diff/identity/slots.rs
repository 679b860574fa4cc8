//! Rung 5: a method that overrides a trait's default takes the slot of the default in the vtables of its type, and gives
//! it back when it is removed. `<app::Plain as app::Part>::label` then is what `app::Part::label` was for `Plain`: every
//! call of the one, also through a vtable that lives, means the other. The instance of the default is `Plain`'s own.

use super::super::debug_sides::DebugSides;
use super::super::vtables;
use super::super::Function;
use super::{Loose, Pairs};
use crate::reason::demangled;
use rustc_hash::FxHashMap;

pub fn pairs(debug: &DebugSides, left: &Loose<'_>) -> Pairs {
    if left.old.is_empty() || left.new.is_empty() {
        return Pairs::default();
    }
    let by_name = |functions: &[&Function]| -> FxHashMap<String, Vec<super::SymbolKey>> {
        let mut names: FxHashMap<String, Vec<_>> = FxHashMap::default();
        for function in functions {
            let key = function.key.clone();
            names.entry(key.name.clone()).or_default().push(key);
        }
        names
    };
    let (gone, appeared) = (by_name(&left.old), by_name(&left.new));
    let mut pairs = Pairs::default();
    for (before, after) in vtables::changed_slots(debug) {
        let (Some([a]), Some([b])) = (
            gone.get(before).map(Vec::as_slice),
            appeared.get(after).map(Vec::as_slice),
        ) else {
            continue;
        };
        let same_types = match (debug.old.signature(before), debug.new.signature(after)) {
            (Some(x), Some(y)) => x.digest() == y.digest(),
            _ => false,
        };
        let is_other_slot = pairs.get(b).is_some_and(|known| known != a)
            || pairs.iter().any(|(new, old)| old == a && new != b);
        if same_types && method(before) == method(after) && !is_other_slot {
            pairs.insert(b.clone(), a.clone());
        }
    }
    pairs
}

/// `label` of `<app::Plain as app::Part>::label` and of `app::Part::label`. A method behind a vtable is not generic.
fn method(symbol: &str) -> String {
    let path = demangled(symbol);
    path.rsplit("::").next().unwrap_or_default().to_string()
}
