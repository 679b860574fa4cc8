//! Parameter and result types of functions, and types of statics, by symbol.
//!
//! A mangled name does not hold the types of the parameters (v0 not at all, legacy only in its hash), so a changed
//! signature can stand under an unchanged symbol, and code that calls it through an old pointer would pass the wrong
//! things. Types that changed under their name are the matter of [`super::compare`].

mod build;
mod rename;

use super::digest::of_words;
use super::names::{NameId, Names};
use serde::{Deserialize, Serialize};
use std::ops::Range;

pub(super) use build::build;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SymbolKind {
    Function,
    Static,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry {
    /// Digest of the symbol, which the table is sorted by.
    key: u64,
    digest: u64,
    symbol: NameId,
    name: NameId,
    scope: NameId,
    kind: SymbolKind,
    result: NameId,
    parameters: Range<u32>,
    /// Types that a generic function was compiled for, of its own and of what it stands in, into the same list.
    arguments: Range<u32>,
}

/// The functions and statics that a unit defines. What it only inlines has no code that anyone could point to.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct SignatureTable {
    names: Names,
    entries: Vec<Entry>,
    parameters: Vec<Parameter>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Parameter {
    type_name: NameId,
    /// Is, or leads to, a function itself, where the type's name reads as a pointer to one. No part of the digest: it is not
    /// known in every unit.
    is_item: bool,
}

/// What one symbol takes and gives.
#[derive(Clone, Copy)]
pub struct Signature<'t> {
    table: &'t SignatureTable,
    of: &'t Entry,
}

/// Of result and parameter types, by the digests of their names.
fn digest(kind: SymbolKind, result: u64, parameters: impl Iterator<Item = u64>) -> u64 {
    let first = of_words(&[kind as u64, result]);
    parameters.fold(first, |digest, one| of_words(&[digest, one]))
}

impl SignatureTable {
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn of(&self, range: &Range<u32>) -> &[Parameter] {
        let range = range.start as usize..range.end as usize;
        self.parameters.get(range).unwrap_or_default()
    }

    pub fn iter(&self) -> impl Iterator<Item = Signature<'_>> {
        self.entries.iter().map(|of| Signature { table: self, of })
    }

    /// The signature of a symbol as the symbol table spells it; `None` when the unit's DWARF does not know it (compiler
    /// made shims have no entry).
    pub fn get(&self, symbol: &str) -> Option<Signature<'_>> {
        let key = super::digest::of_text(symbol);
        let start = self.entries.partition_point(|of| of.key < key);
        let candidates = self
            .entries
            .get(start..)?
            .iter()
            .take_while(|of| of.key == key);
        candidates
            .map(|of| Signature { table: self, of })
            .find(|signature| signature.symbol() == symbol)
    }
}

impl<'t> Signature<'t> {
    pub fn symbol(self) -> &'t str {
        self.table.names.get(self.of.symbol)
    }

    /// The name in the source with its type arguments: `poll<app::serve::{async_fn_env#0}>`.
    pub fn name(self) -> &'t str {
        self.table.names.get(self.of.name)
    }

    /// The enclosing namespace or type: `app::run` for a closure in it, `app::{impl#2}` for a trait's method, `app::Square`
    /// for a method of its own. Empty at the top.
    pub fn scope(self) -> &'t str {
        self.table.names.get(self.of.scope)
    }

    pub fn kind(self) -> SymbolKind {
        self.of.kind
    }

    /// Equal digests are equal signatures, in any unit and in any process.
    pub fn digest(self) -> u64 {
        self.of.digest
    }

    pub fn parameters(self) -> impl Iterator<Item = &'t str> {
        let all = self.table.of(&self.of.parameters).iter();
        all.map(move |parameter| self.table.names.get(parameter.type_name))
    }

    /// Type names of the parameters that can hold or lead to a value: of all but functions that are passed as themselves.
    pub fn held_parameters(self) -> impl Iterator<Item = &'t str> {
        let all = self.table.of(&self.of.parameters).iter();
        all.filter(|parameter| !parameter.is_item)
            .map(move |parameter| self.table.names.get(parameter.type_name))
    }

    /// Type name of each type argument, and whether it is a function that is passed as itself.
    pub fn arguments(self) -> impl Iterator<Item = (&'t str, bool)> {
        let all = self.table.of(&self.of.arguments).iter();
        all.map(move |of| (self.table.names.get(of.type_name), of.is_item))
    }

    /// The result type of a function (`()` for none, `!` for a function that never returns), or the type of a static.
    pub fn result(self) -> &'t str {
        self.table.names.get(self.of.result)
    }

    /// `fn(&str, u32) -> bool`, or `static app::Config`.
    pub fn display(self) -> String {
        match (self.of.kind, self.result()) {
            (SymbolKind::Static, type_name) => format!("static {type_name}"),
            (SymbolKind::Function, "()") => {
                format!("fn({})", self.parameters().collect::<Vec<_>>().join(", "))
            }
            (SymbolKind::Function, result) => {
                format!(
                    "fn({}) -> {result}",
                    self.parameters().collect::<Vec<_>>().join(", ")
                )
            }
        }
    }
}
