//! Rung 4: what debug information declares in one place, with the same types, is one function.

use super::super::correlate::Side;
use super::super::debug_sides::{DebugSide, DebugSides};
use super::super::Function;
use super::{Loose, Pairs};
use crate::layout::Signature;
use crate::live::SymbolKey;
use rustc_hash::{FxHashMap, FxHashSet};

/// `app::{impl#2}`, `name`, and the types.
type Declaration<'d> = (&'d str, &'d str, u64);

fn declaration(signature: Signature<'_>) -> Declaration<'_> {
    (signature.scope(), signature.name(), signature.digest())
}

/// Whether a symbol that both sides have belongs to another `impl` block than before, or to code that was compiled for
/// what is inside of another one.
pub fn differs(debug: &DebugSides, symbol: &str) -> bool {
    let (Some(a), Some(b)) = (debug.old.signature(symbol), debug.new.signature(symbol)) else {
        return false;
    };
    declaration(a) != declaration(b) && (in_block(a) || in_block(b))
}

fn in_block(signature: Signature<'_>) -> bool {
    let texts = [signature.scope(), signature.name(), signature.result()];
    texts
        .into_iter()
        .chain(signature.parameters())
        .any(|text| text.contains("{impl#"))
}

/// Pairs of one declaration, where it is only one symbol's on either side.
pub fn pairs(
    debug: &DebugSides,
    left: &Loose<'_>,
    all_old: &Side<'_>,
    all_new: &Side<'_>,
) -> Pairs {
    if left.old.is_empty() || left.new.is_empty() {
        return Pairs::default();
    }
    let (before, after) = (symbols(&debug.old, all_old), symbols(&debug.new, all_new));
    let only = |symbols: &FxHashMap<Declaration<'_>, FxHashSet<String>>, of: Declaration<'_>| {
        let symbols = symbols.get(&of)?;
        symbols
            .iter()
            .next()
            .filter(|_| symbols.len() == 1)
            .cloned()
    };
    let open: FxHashSet<&SymbolKey> = left.old.iter().map(|f| &f.key).collect();
    let pair = |function: &&Function| {
        let of = declaration(debug.new.signature(&function.key.name)?);
        only(&after, of)?;
        let key = SymbolKey {
            name: only(&before, of)?,
            file: function.key.file.clone(),
        };
        let partner = &all_old.partner(&key)?.key;
        open.contains(partner)
            .then(|| (function.key.clone(), partner.clone()))
    };
    left.new.iter().filter_map(pair).collect()
}

fn symbols<'d>(
    debug: &'d DebugSide,
    side: &Side<'_>,
) -> FxHashMap<Declaration<'d>, FxHashSet<String>> {
    let mut symbols: FxHashMap<Declaration<'_>, FxHashSet<String>> = FxHashMap::default();
    for key in side.functions.keys() {
        if let Some(signature) = debug.signature(&key.name) {
            symbols
                .entry(declaration(signature))
                .or_default()
                .insert(key.name.clone());
        }
    }
    symbols
}
