//! Whether what comes back under a symbol is what an earlier edit removed. Nobody compared the two while it was away, and
//! old code still uses the old one, so types and layouts are held against the object that had it last.

use super::debug_sides::DebugSides;
use super::taint::is_environment;
use crate::format::unit::Unit;
use crate::layout::{self, DebugTables};
use crate::live::{Live, SymbolKey, UnitSlot};
use std::sync::Arc;

/// What was known of a symbol when it was there for the last time.
pub struct LastSeen<'n> {
    /// None when the object cannot be read any more: then nothing is the same.
    debug: Option<Arc<DebugTables>>,
    symbol: &'n str,
}

impl<'n> LastSeen<'n> {
    pub fn of(slot: &UnitSlot, symbol: &'n str) -> LastSeen<'n> {
        LastSeen {
            debug: slot.debug().ok(),
            symbol,
        }
    }

    /// Whether `symbol` of the new units has the same types, and no type is laid out otherwise than it was then.
    pub fn is_same(&self, debug: &DebugSides, symbol: &str) -> bool {
        let Some(before) = &self.debug else {
            return false;
        };
        let (Some(a), Some(b)) = (
            before.signatures.get(self.symbol),
            debug.new.signature(symbol),
        ) else {
            return false;
        };
        let after: Vec<_> = debug.new.units.iter().map(|(_, t)| &t.types).collect();
        a.digest() == b.digest()
            && layout::compare_all(&[&before.types], &after)
                .iter()
                .all(|change| is_environment(&change.type_name))
    }
}

/// Whether a static or thread-local is one that an earlier edit removed: of the same type, size and alignment.
pub fn is_same_static(live: &Live, debug: &DebugSides, key: &SymbolKey, unit: &Unit) -> bool {
    // It may have been shared, and be its unit's own now.
    let mut namesakes = live.now.gone.iter().filter(|(old, _)| old.name == key.name);
    let (Some((_, slot)), None) = (namesakes.next(), namesakes.next()) else {
        return false;
    };
    let shape = |unit: &Unit| {
        let section = unit.sections.get(unit.definition(&key.name)?)?;
        Some((
            section.kind.is_tls(),
            section.kind.is_state(),
            section.size,
            section.align,
        ))
    };
    let Ok(before) = slot.unit() else {
        return false;
    };
    shape(&before).is_some_and(|was| Some(was) == shape(unit))
        && LastSeen::of(slot, &key.name).is_same(debug, &key.name)
}
