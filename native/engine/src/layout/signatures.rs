//! Parameter and result types of functions, and types of statics, by symbol.
//!
//! A mangled name does not hold the types of the parameters (v0 not at all, legacy only in its hash), so a changed
//! signature can stand under an unchanged symbol, and code that calls it through an old pointer would pass the wrong
//! things. Types that changed under their name are the matter of [`super::compare`].

use super::digest::of_words;
use super::error::Error;
use super::groups::Groups;
use super::names::{Interner, NameId, Names};
use super::record::RawFunction;
use super::resolve::Resolver;
use super::scan::{self, Scan};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::ops::Range;

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
    kind: SymbolKind,
    has_code: bool,
    result: NameId,
    parameters: Range<u32>,
}

/// The functions and statics that a unit defines, declares or inlines.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct SignatureTable {
    names: Names,
    entries: Vec<Entry>,
    parameters: Vec<NameId>,
}

/// What one symbol takes and gives.
#[derive(Clone, Copy)]
pub struct Signature<'t> {
    table: &'t SignatureTable,
    of: &'t Entry,
}

impl SignatureTable {
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
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

    pub fn kind(self) -> SymbolKind {
        self.of.kind
    }

    /// Whether this unit holds the function's code (or, of a static, names it).
    pub fn has_code(self) -> bool {
        self.of.has_code
    }

    /// Equal digests are equal signatures, in any unit and in any process.
    pub fn digest(self) -> u64 {
        self.of.digest
    }

    pub fn parameters(self) -> impl Iterator<Item = &'t str> {
        let range = self.of.parameters.start as usize..self.of.parameters.end as usize;
        self.table
            .parameters
            .get(range)
            .unwrap_or_default()
            .iter()
            .map(move |id| self.table.names.get(*id))
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

pub(super) fn build<'a>(
    scan: &Scan<'a>,
    names: &mut Resolver<'_, 'a>,
) -> Result<SignatureTable, Error> {
    let mut builder = Builder {
        interner: Interner::default(),
        table: SignatureTable::default(),
        known: FxHashMap::default(),
    };
    let parameters = Groups::new(
        scan.functions.len(),
        scan.parameters.iter().map(|parameter| parameter.owner),
    );
    for function in &scan.functions {
        let Some(root) = root(scan, function) else {
            continue;
        };
        let Some(symbol) = symbol(scan, function, root)? else {
            continue;
        };
        let (at, root) = root;
        let result = if root.is_noreturn && root.result.is_none() {
            names.intern("!")
        } else {
            names.type_name(root.result)?
        };
        let mut types = Vec::new();
        for parameter in scan.parameters.get(parameters.of(at)).unwrap_or_default() {
            types.push(names.type_name(parameter.target)?);
        }
        builder.add(
            symbol,
            SymbolKind::Function,
            function.has_code,
            result,
            &types,
            names,
        );
    }
    for variable in &scan.variables {
        let symbol = scan::text(variable.linkage_name, &scan.dwarf)?;
        if !symbol.is_empty() {
            let result = names.type_name(variable.target)?;
            builder.add(symbol, SymbolKind::Static, true, result, &[], names);
        }
    }
    let mut table = builder.table;
    table.entries.sort_by_key(|of| of.key);
    table.names = builder.interner.finish();
    Ok(table)
}

/// The entry that describes the function in full: a definition out of line refers to its abstract instance, and a
/// method's definition to its declaration in the type. Never more than three links in sound entries.
fn root<'s, 'a>(
    scan: &'s Scan<'a>,
    function: &RawFunction<'a>,
) -> Option<(u32, &'s RawFunction<'a>)> {
    let find = |offset: usize| {
        scan.functions
            .binary_search_by_key(&offset, |function| function.offset)
            .ok()
    };
    let mut at = find(function.offset)?;
    for _ in 0..4 {
        let current = scan.functions.get(at)?;
        match current.origin {
            Some(origin) => at = find(origin)?,
            None => return Some((u32::try_from(at).ok()?, current)),
        }
    }
    None
}

/// The linkage name, which only one of the linked entries has; `#[no_mangle]` functions have none, but their name is it.
fn symbol<'a>(
    scan: &Scan<'a>,
    function: &RawFunction<'a>,
    (_, root): (u32, &RawFunction<'a>),
) -> Result<Option<&'a str>, Error> {
    for name in [function.linkage_name, root.linkage_name] {
        if !name.is_none() {
            return scan::text(name, &scan.dwarf).map(Some);
        }
    }
    if root.is_external && !root.name.is_none() {
        return scan::text(root.name, &scan.dwarf).map(Some);
    }
    Ok(None)
}

struct Builder {
    interner: Interner,
    table: SignatureTable,
    /// The entry of a symbol: a declaration, an abstract instance and a definition tell of one function.
    known: FxHashMap<NameId, usize>,
}

impl Builder {
    fn add(
        &mut self,
        symbol: &str,
        kind: SymbolKind,
        has_code: bool,
        result: NameId,
        types: &[NameId],
        names: &Resolver<'_, '_>,
    ) {
        let symbol = self.interner.intern(symbol);
        if let Some(entry) = self
            .known
            .get(&symbol)
            .and_then(|at| self.table.entries.get_mut(*at))
        {
            entry.has_code |= has_code;
            return;
        }
        let start = self.table.parameters.len() as u32;
        let mut words = vec![kind as u64, names.digest(result)];
        for id in types {
            words.push(names.digest(*id));
            let own = self.interner.intern(names.text(*id));
            self.table.parameters.push(own);
        }
        self.known.insert(symbol, self.table.entries.len());
        self.table.entries.push(Entry {
            key: self.interner.digest(symbol),
            digest: of_words(&words),
            symbol,
            kind,
            has_code,
            result: self.interner.intern(names.text(result)),
            parameters: start..self.table.parameters.len() as u32,
        });
    }
}
