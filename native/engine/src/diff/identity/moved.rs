//! Rung 6: a function that was moved to another module or file: `app::text::wrap` is `app::layout::wrap` now. Its path
//! is another, its last name, its types and its code are the same. Old pointers to it then go along with later edits.

use super::super::content::Contents;
use super::super::debug_sides::{DebugSide, DebugSides};
use super::super::naming::{path, Naming};
use super::super::Function;
use super::{Loose, Pairs};
use crate::format::unit::Unit;
use crate::live::SymbolKey;
use rustc_hash::FxHashMap;

type Likeness = (String, u64, [u8; 16]);

pub fn pairs(debug: &DebugSides, left: &Loose<'_>) -> Pairs {
    if left.old.is_empty() || left.new.is_empty() {
        return Pairs::default();
    }
    let (before, after) = (alike(&debug.old, &left.old), alike(&debug.new, &left.new));
    let pair = |(likeness, keys): (Likeness, Vec<&SymbolKey>)| match (
        keys.as_slice(),
        before.get(&likeness).map(Vec::as_slice),
    ) {
        ([new], Some([old])) => Some(((*new).clone(), (*old).clone())),
        _ => None,
    };
    after.into_iter().filter_map(pair).collect()
}

/// Closures have no name that would tell anything elsewhere; what has no signature is the compiler's own.
fn alike<'f>(
    debug: &DebugSide,
    functions: &[&'f Function],
) -> FxHashMap<Likeness, Vec<&'f SymbolKey>> {
    // What they refer to may have moved with them.
    let last = |function: &&Function| {
        let path = path(&function.key.name);
        let last = path.rsplit("::").next().unwrap_or_default();
        (function.key.name.clone(), format!("moved {last}"))
    };
    let names: FxHashMap<String, String> = functions.iter().map(last).collect();
    let mut contents: FxHashMap<*const Unit, Contents<'_>> = FxHashMap::default();
    let mut alike: FxHashMap<Likeness, Vec<&SymbolKey>> = FxHashMap::default();
    for function in functions {
        let Some(signature) = debug.signature(&function.key.name) else {
            continue;
        };
        if signature.name().starts_with('{') {
            continue;
        }
        let unit: &Unit = &function.unit;
        let contents = contents
            .entry(unit)
            .or_insert_with(|| Contents::with(unit, Naming::Elsewhere(&names)));
        let likeness = (
            signature.name().to_string(),
            signature.digest(),
            contents.function(function.section),
        );
        alike.entry(likeness).or_default().push(&function.key);
    }
    alike
}
