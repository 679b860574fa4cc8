//! Whether code of the image, left where it is, means what new code would mean.

use super::base::{Bases, Original, Pair};
use crate::diff::content::Contents;
use crate::diff::plan::{PatchPlan, Status};
use crate::format::host::HostKind;
use crate::format::unit::{Kind, SectionId, Symbol, Target, Unit};
use crate::live::{Live, SymbolKey};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

pub struct Meaning<'m> {
    live: &'m Live,
    plan: &'m PatchPlan,
    bases: &'m Bases,
    originals: &'m FxHashMap<SymbolKey, Original>,
    redirected: FxHashSet<SymbolKey>,
    /// Changed constants of which several units have a copy: none of them is trusted.
    copied: FxHashSet<String>,
}

/// Sections whose references are compared, with the place of their units.
type Visited = FxHashSet<(usize, SectionId, SectionId)>;

impl<'m> Meaning<'m> {
    pub fn new(
        live: &'m Live,
        plan: &'m PatchPlan,
        bases: &'m Bases,
        originals: &'m FxHashMap<SymbolKey, Original>,
    ) -> Self {
        let named = |(unit, section): &(Arc<Unit>, SectionId)| {
            Some(SymbolKey::of(unit, unit.name_of(*section)?))
        };
        let (mut seen, mut copied) = (FxHashSet::default(), FxHashSet::default());
        for pair in &bases.pairs {
            let moved = pair.new.named(Kind::is_constant).map(|(_, s)| &s.name);
            for name in moved.filter(|name| plan.moved.contains(*name)) {
                if !seen.insert(name) {
                    copied.insert(name.clone());
                }
            }
        }
        Meaning {
            copied,
            live,
            plan,
            bases,
            originals,
            redirected: plan.roots.iter().filter_map(named).collect(),
        }
    }

    /// Whether every name in the original leads where it should.
    pub fn holds(&self, original: &Original) -> bool {
        let mut visited = Visited::default();
        self.section(original.pair, original.base, original.new, &mut visited)
    }

    /// Changed constants for which those of the image stand again.
    pub fn constants(&self) -> FxHashSet<SymbolKey> {
        let mut constants = FxHashSet::default();
        for (index, pair) in self.bases.pairs.iter().enumerate() {
            for (new, symbol) in pair.new.named(Kind::is_constant) {
                if !self.plan.moved.contains(&symbol.name) {
                    continue;
                }
                let base = pair.base.definition(&symbol.name);
                let same = base.is_some_and(|base| {
                    let old = pair.base.name_of(base);
                    old.is_some_and(|old| self.is_images(pair, old, symbol))
                        && self.constant(index, base, new, &mut Visited::default())
                });
                if same {
                    constants.insert(SymbolKey::of(&pair.new, symbol));
                }
            }
        }
        constants
    }

    /// Whether the name of a constant means the image's own once the plan is live.
    fn is_images(&self, pair: &Pair, old: &Symbol, symbol: &Symbol) -> bool {
        let Some(found) = self.live.in_host(&pair.base, old) else {
            return false;
        };
        let key = SymbolKey::of(&pair.new, symbol);
        let bound = self.live.now.data.get(&key);
        !self.copied.contains(&key.name)
            && (self.plan.moved.contains(&key.name)
                || bound.is_none_or(|now| *now == found.address as i64))
    }

    fn constant(
        &self,
        pair: usize,
        base: SectionId,
        new: SectionId,
        visited: &mut Visited,
    ) -> bool {
        let Some(units) = self.bases.pairs.get(pair) else {
            return false;
        };
        let same =
            Contents::new(&units.base).section(base) == Contents::new(&units.new).section(new);
        same && self.section(pair, base, new, visited)
    }

    fn section(&self, pair: usize, base: SectionId, new: SectionId, visited: &mut Visited) -> bool {
        let Some(units) = self.bases.pairs.get(pair) else {
            return false;
        };
        if !visited.insert((pair, base, new)) {
            return true;
        }
        let (a, b) = (units.base.relocations(base), units.new.relocations(new));
        a.len() == b.len()
            && a.iter()
                .zip(b)
                .all(|(a, b)| self.target(pair, units.base.target(a), units.new.target(b), visited))
    }

    fn target(&self, pair: usize, a: Target<'_>, b: Target<'_>, visited: &mut Visited) -> bool {
        let Some(units) = self.bases.pairs.get(pair) else {
            return false;
        };
        let (here, there) = (place(&units.base, &a), place(&units.new, &b));
        match (here, there) {
            (Place::Anonymous(base), Place::Anonymous(new)) => {
                let kind = |unit: &Unit, id: SectionId| unit.sections.get(id).map(|s| s.kind);
                // Mutable data without a name: which one the new code would mean is for the linker to find out.
                kind(&units.base, base).is_some_and(Kind::is_constant)
                    && kind(&units.new, new).is_some_and(Kind::is_constant)
                    && self.section(pair, base, new, visited)
            }
            (Place::Named(old, base), Place::Named(symbol, new)) => {
                let constants = base.zip(new).filter(|(base, _)| {
                    let of = units.base.sections.get(*base);
                    of.is_some_and(|s| s.kind.is_constant())
                });
                if let Some((base, new)) = constants {
                    // The image's own copy, not one that a patch brought and that stays.
                    return self.is_images(units, old, symbol)
                        && self.constant(pair, base, new, visited);
                }
                self.named(units, old, symbol, visited)
            }
            _ => false,
        }
    }

    /// `old` as the image knows it, and the same name in the new unit.
    fn named(&self, units: &Pair, old: &Symbol, symbol: &Symbol, visited: &mut Visited) -> bool {
        let key = SymbolKey::of(&units.new, symbol);
        let (live, now) = (self.live, &self.live.now);
        if self.plan.fresh.contains(&key) {
            return false;
        }
        let Some(found) = live.in_host(&units.base, old) else {
            // From a shared library, as long as no patch brought one of this name.
            return old.name == symbol.name
                && !now.functions.contains_key(&key)
                && !now.data.contains_key(&key)
                && !now.threads.contains_key(&key)
                && !self.plan.status.contains_key(&key);
        };
        let address = found.address as i64;
        match found.kind {
            HostKind::Tls => {
                let own = live.host.thread_offset(found);
                let renamed = self.plan.threads.get(&key);
                let means = renamed.or_else(|| now.threads.get(&key)).copied();
                means.is_none() || means == own
            }
            HostKind::Data if self.plan.moved.contains(&key.name) => {
                self.is_reverted(&key.name, visited)
            }
            HostKind::Data => {
                let renamed = self.plan.data.get(&key);
                let means = renamed.or_else(|| now.data.get(&key));
                means.is_none_or(|means| *means == address)
            }
            HostKind::Function => match self.plan.status.get(&key) {
                Some(Status::Same(to)) => to.is_some_and(|to| self.leads(address, to)),
                Some(Status::Changed(entries)) => {
                    let restored = self.originals.get(&key);
                    restored.is_some_and(|original| original.address == address)
                        || self.redirected.contains(&key) && entries.contains(&address)
                }
                Some(Status::New) => self
                    .originals
                    .get(&key)
                    .is_some_and(|original| original.address == address),
                None => match now.functions.get(&key) {
                    Some(function) => self.leads(address, function.address),
                    None => !live.is_hidden(&key),
                },
            },
        }
    }

    /// Whether a changed constant that other units share is what it was in the image.
    fn is_reverted(&self, name: &str, visited: &mut Visited) -> bool {
        let mut defined = self
            .bases
            .pairs
            .iter()
            .enumerate()
            .filter_map(|(at, pair)| {
                let new = pair.new.definition(name)?;
                let (old, symbol) = (pair.base.definition(name)?, pair.new.name_of(new)?);
                (!symbol.local).then_some((at, pair, old, new, symbol))
            });
        defined.next().is_some_and(|(at, pair, base, new, symbol)| {
            let old = pair.base.name_of(base);
            old.is_some_and(|old| self.is_images(pair, old, symbol))
                && self.constant(at, base, new, visited)
        })
    }

    /// Whether who calls the image's `entry` comes to `to`.
    fn leads(&self, entry: i64, to: i64) -> bool {
        match self.live.now.jumps.get(&entry) {
            Some(target) => *target == to,
            None => entry == to,
        }
    }
}

enum Place<'u> {
    Named(&'u Symbol, Option<SectionId>),
    Anonymous(SectionId),
}

fn place<'u>(unit: &'u Unit, target: &Target<'u>) -> Place<'u> {
    match *target {
        Target::Undefined(symbol) => Place::Named(symbol, None),
        Target::Section {
            section, symbol, ..
        } => match unit.called(section, symbol) {
            Some(symbol) => Place::Named(symbol, Some(section)),
            None => Place::Anonymous(section),
        },
    }
}
