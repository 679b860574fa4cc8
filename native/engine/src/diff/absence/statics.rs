//! Statics and thread-locals that hold old values, lead to some, or may.

use super::super::taint::Taint;
use super::code::Version;
use super::hiding::Hiding;
use crate::format::unit::Unit;
use crate::layout::{Signature, SymbolKind};
use crate::reason::demangled;
use rustc_hash::FxHashSet;

/// Statics that can change. Read-only ones are code: who reads them reads the new ones.
fn all(versions: &[Version]) -> impl Iterator<Item = Signature<'_>> {
    versions.iter().flat_map(of)
}

fn of(Version { unit, tables }: &Version) -> impl Iterator<Item = Signature<'_>> {
    let statics = tables.signatures.iter();
    statics.filter(|s| s.kind() == SymbolKind::Static && !is_constant(unit, s.symbol()))
}

fn is_constant(unit: &Unit, symbol: &str) -> bool {
    let section = unit.definition(symbol);
    let of = section.and_then(|section| unit.sections.get(section));
    of.is_some_and(|section| section.kind.is_constant())
}

/// A sentence for each static whose type holds the values.
pub fn holding(versions: &[Version], values: &Taint<'_>) -> Vec<String> {
    let found = all(versions).filter(|signature| values.covers(signature.result()));
    sentences(found, "may lead to some")
}

/// A sentence for each static that keeps a pointer to nothing in particular and is used by code with such values.
pub(super) fn hiding(
    versions: &[Version],
    hiding: &Hiding<'_>,
    used: &FxHashSet<&str>,
) -> Vec<String> {
    let found = all(versions).filter(|s| hiding.is_in(s.result()) && used.contains(s.symbol()));
    sentences(found, "keeps a pointer that may lead to one")
}

fn sentences<'v>(found: impl Iterator<Item = Signature<'v>>, what: &str) -> Vec<String> {
    let mut names: Vec<String> = found.map(|s| demangled(s.symbol())).collect();
    names.sort_unstable();
    names.dedup();
    let sentences = names.into_iter();
    sentences
        .map(|name| format!("The static `{name}` {what}."))
        .collect()
}
