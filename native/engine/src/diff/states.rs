//! Which live static a static of the new code is, where the symbol does not say it.
//!
//! 1. **Same symbol**, as for functions.
//! 2. **Same declaration.** A static inside of a method has the number of the method's `impl` block in its symbol, so an
//!    `impl` that is written above gives it another one. What debug information declares in the same place with the same
//!    type is the same static, and keeps its live value.
//!
//! Of statics inside of closures that were renumbered neither says which is which.

use super::closures::Renumbered;
use super::debug_sides::{DebugSide, DebugSides};
use super::{blocks, registration};
use crate::format::unit::{SectionId, Unit};
use crate::live::SymbolKey;
use crate::reason::{demangled, Reason};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// A static or thread-local of one side.
pub type State = (Arc<Unit>, SectionId);

#[derive(Default)]
pub struct States {
    pub old: FxHashMap<SymbolKey, State>,
    pub new: FxHashMap<SymbolKey, State>,
    /// New statics by the old ones that they are, under another symbol.
    pub renamed: FxHashMap<SymbolKey, SymbolKey>,
    /// New statics that are none of the old, under the symbol of one.
    pub fresh: FxHashSet<SymbolKey>,
    pub refused: Vec<Reason>,
}

impl States {
    pub fn pair(
        old: &[Arc<Unit>],
        new: &[Arc<Unit>],
        debug: &DebugSides,
        renumbered: &Renumbered,
    ) -> States {
        let mut states = States {
            old: named(old),
            new: named(new),
            ..States::default()
        };
        states.refused = unclear(&states, debug, renumbered);
        let sides = ((&states.old, &debug.old), (&states.new, &debug.new));
        let blocks = blocks::pair(sides.0, sides.1, &renumbered.blocks);
        states.renamed = blocks.renamed;
        states.fresh = blocks.fresh;
        states.refused.extend(blocks.refused);
        states.renamed.extend(relinked(&states));
        let gone = states.removed().map(|(key, _)| key);
        let gone = by_declaration(gone, &debug.old);
        let came = states.new.keys();
        let came = came.filter(|key| states.partner(key).is_none() && !states.fresh.contains(*key));
        let mut renamed = FxHashMap::default();
        for (declaration, keys) in by_declaration(came, &debug.new) {
            if let ([key], Some([before])) =
                (keys.as_slice(), gone.get(&declaration).map(Vec::as_slice))
            {
                renamed.insert((*key).clone(), (*before).clone());
            }
        }
        states.renamed.extend(renamed);
        states
    }

    /// New symbols by old ones, for comparing what refers to them.
    pub fn names(&self) -> impl Iterator<Item = (String, String)> + '_ {
        let pairs = self.renamed.iter();
        let pairs = pairs.filter(|(new, old)| new.name != old.name);
        let fresh = self.fresh.iter();
        pairs
            .map(|(new, old)| (new.name.clone(), old.name.clone()))
            .chain(fresh.map(|key| (key.name.clone(), format!("new {}", key.name))))
    }

    /// Old statics that no new one is.
    pub fn removed(&self) -> impl Iterator<Item = (&SymbolKey, &State)> {
        let new = self.new.keys();
        let kept: FxHashSet<&SymbolKey> = new.filter_map(|key| self.old_of(key)).collect();
        let old = self.old.iter();
        old.filter(move |(key, _)| !kept.contains(key))
    }

    /// The old static that the new one is.
    pub fn partner(&self, key: &SymbolKey) -> Option<&State> {
        self.old.get(self.old_of(key)?)
    }

    fn old_of<'k>(&'k self, key: &'k SymbolKey) -> Option<&'k SymbolKey> {
        let is_fresh = self.fresh.contains(key);
        (!is_fresh).then(|| self.renamed.get(key).unwrap_or(key))
    }
}

fn named(units: &[Arc<Unit>]) -> FxHashMap<SymbolKey, State> {
    let mut all = FxHashMap::default();
    for unit in units {
        for (section, symbol) in unit.named(|kind| kind.is_state()) {
            // A word that unwind tables refer to: the compiler's, though it can be written to.
            if symbol.name.starts_with("DW.ref.") {
                continue;
            }
            let of = unit.sections.get(section);
            if of.is_some_and(|s| registration::is_registry(&s.name, s.kind)) {
                continue; // holds several, which `registration` looks at
            }
            all.insert(SymbolKey::of(unit, symbol), (unit.clone(), section));
        }
    }
    all
}

/// A static that other units came to use is shared from then on, and was its unit's own before; or the other way round.
fn relinked(states: &States) -> FxHashMap<SymbolKey, SymbolKey> {
    let mut gone: FxHashMap<&str, Vec<&SymbolKey>> = FxHashMap::default();
    for (key, _) in states.removed() {
        gone.entry(&key.name).or_default().push(key);
    }
    let came = states
        .new
        .keys()
        .filter(|key| states.partner(key).is_none() && !states.fresh.contains(*key));
    came.filter_map(|key| match gone.get(key.name.as_str())?.as_slice() {
        [only] => Some((key.clone(), (*only).clone())),
        _ => None,
    })
    .collect()
}

type Declaration<'d> = (&'d str, &'d str, u64);

fn by_declaration<'k, 'd>(
    keys: impl Iterator<Item = &'k SymbolKey>,
    debug: &'d DebugSide,
) -> FxHashMap<Declaration<'d>, Vec<&'k SymbolKey>> {
    let mut all: FxHashMap<Declaration<'_>, Vec<&SymbolKey>> = FxHashMap::default();
    for key in keys {
        if let Some(s) = debug.signature(&key.name) {
            let declaration = (s.scope(), s.name(), s.digest());
            all.entry(declaration).or_default().push(key);
        }
    }
    all
}

fn unclear(states: &States, debug: &DebugSides, renumbered: &Renumbered) -> Vec<Reason> {
    if renumbered.scopes.is_empty() {
        return Vec::new();
    }
    let inside = |keys: &FxHashMap<SymbolKey, State>, debug: &DebugSide| -> FxHashSet<String> {
        let owner = |key: &SymbolKey| {
            let scope = debug.signature(&key.name)?.scope().to_string();
            renumbered
                .scopes
                .iter()
                .find(|owner| {
                    let rest = scope.strip_prefix(owner.as_str());
                    rest.is_some_and(|rest| rest.starts_with("::{"))
                })
                .cloned()
        };
        keys.keys().filter_map(owner).collect()
    };
    let after = inside(&states.new, &debug.new);
    let both = inside(&states.old, &debug.old);
    let mut reasons: Vec<Reason> = both
        .intersection(&after)
        .map(|owner| {
            let owner = demangled(owner);
            Reason::new(
                "anonymous-static",
                owner.clone(),
                format!("Closures of `{owner}` were renumbered and have statics of their own, and it cannot be told which live value is whose."),
            )
        })
        .collect();
    reasons.sort_by(|a, b| a.subject.cmp(&b.subject));
    reasons
}
