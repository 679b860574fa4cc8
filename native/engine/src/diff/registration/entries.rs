//! The entries of one side, each as its author knows it.
//!
//! Macros hide what they register behind statics and functions of their own: `ctor` inside of the static's initializer,
//! `inventory` and others in a `const _`. What such generated code leads to is what the author wrote: the function that
//! it calls, or the type whose vtable it takes. A vtable in the value of a static has no debug information of its own, so
//! its type is the one that its methods are for.

use super::super::content::Contents;
use super::super::naming::path;
use super::is_registry;
use super::named_places::NamedPlaces;
use crate::format::unit::{Kind, Symbol, SymbolKind, Unit};
use crate::layout::DebugTables;
use rustc_hash::FxHashSet;
use std::sync::Arc;

pub type Described = (Arc<Unit>, Arc<DebugTables>);

/// What the debug information calls a function: `submit<app::Plugin>`.
pub type CalledBy<'c> = &'c dyn Fn(&str) -> Option<String>;

pub struct Entry {
    /// Without a priority: `.init_array.00099` is `.init_array`.
    pub section: String,
    /// The entry's author calls it so.
    pub item: String,
    /// File and line: `app/src/plugins.rs`, 7.
    pub place: Option<(String, u32)>,
    /// Equal for entries that register the same.
    pub contents: Vec<u8>,
    /// Symbols of what was generated for it.
    pub generated: Vec<String>,
}

impl Entry {
    pub fn shown(&self) -> String {
        match &self.place {
            Some((file, line)) => format!("{} ({file}:{line})", self.item),
            None => self.item.clone(),
        }
    }
}

pub fn entries(side: &[Described], called: CalledBy<'_>) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (unit, tables) in side {
        let registries = unit.sections.iter().enumerate();
        let mut registries = registries
            .filter(|(_, s)| is_registry(&s.name, s.kind))
            .peekable();
        if registries.peek().is_none() {
            continue;
        }
        let places = NamedPlaces::of(unit);
        for (id, section) in registries {
            let name = match section.name.strip_prefix('.') {
                Some(rest) => format!(".{}", rest.split('.').next().unwrap_or_default()),
                None => section.name.clone(),
            };
            for symbol in places.within(id) {
                let found = Walk::from(&places, called, symbol);
                entries.push(Entry {
                    section: name.clone(),
                    item: found.item(),
                    place: tables
                        .lines
                        .get(&symbol.name)
                        .map(|place| (place.file.to_string(), place.line)),
                    contents: found.contents,
                    generated: found.generated,
                });
            }
        }
    }
    entries
}

/// What an entry leads to through generated code.
struct Walk {
    /// The entry's own name, for one that nobody generated.
    name: String,
    is_generated: bool,
    function: Option<String>,
    type_name: Option<String>,
    generated: Vec<String>,
    contents: Vec<u8>,
}

impl Walk {
    fn from(places: &NamedPlaces<'_>, called: CalledBy<'_>, entry: &Symbol) -> Walk {
        let name = path(&entry.name);
        let (parent, _) = name.rsplit_once("::").unwrap_or_default();
        let is_hidden = parent.ends_with("::_");
        let scope = format!("{}::", if is_hidden { parent } else { &name });
        let crate_name = name.split("::").next().unwrap_or_default().to_string();
        let mut walk = Walk {
            name,
            is_generated: is_hidden,
            function: None,
            type_name: None,
            generated: Vec::new(),
            contents: Vec::new(),
        };
        let unit = places.unit;
        let runs = kind(unit, entry) == Some(Kind::InitArray);
        let digests = Contents::new(unit);
        let mut seen = FxHashSet::default();
        let mut open = vec![entry];
        while let Some(symbol) = open.pop() {
            if !seen.insert((symbol.section, symbol.value)) {
                continue;
            }
            let Some(section) = symbol.section else {
                continue;
            };
            walk.contents.extend(own_bytes(unit, symbol));
            for r in places.relocations(symbol) {
                let Some(target) = places.target(section, r) else {
                    let Some((of, _)) = places.place(section, r) else {
                        continue;
                    };
                    let inner = unit.relocations(of).iter();
                    let mut inner = inner.filter_map(|r| places.target(of, r));
                    walk.type_name = walk.type_name.or_else(|| {
                        inner.find_map(|method| self_type(&method.name, &crate_name, called))
                    });
                    walk.contents.extend(digests.target_digest(r));
                    continue;
                };
                let leads_to = path(&target.name);
                if leads_to.starts_with(&scope) && (is_hidden || runs) {
                    walk.is_generated = true;
                    walk.generated.push(target.name.clone());
                    open.push(target);
                    continue;
                }
                let own = leads_to.split("::").next() == Some(crate_name.as_str());
                if own && target.kind != SymbolKind::Object && walk.function.is_none() {
                    walk.function = Some(leads_to.clone());
                }
                walk.contents.extend(leads_to.into_bytes());
            }
        }
        walk
    }

    fn item(&self) -> String {
        match (&self.type_name, &self.function) {
            (Some(of), _) if self.is_generated => format!("A registration of `{of}`"),
            (None, Some(function)) if self.is_generated => format!("`{function}`"),
            _ => format!("`{}`", self.name),
        }
    }
}

/// The type of the crate's own that a method is for: of `<app::Plugin as app::Any>::id`, or, where the symbol does not
/// tell it, of `submit<app::Plugin>`.
fn self_type(symbol: &str, crate_name: &str, called: CalledBy<'_>) -> Option<String> {
    let is_own = |name: &&str| {
        name.split(['<', '&', ' '])
            .any(|part| part.split("::").next() == Some(crate_name))
    };
    let name = path(symbol);
    let shown = name.strip_prefix('<').and_then(|n| n.split_once(" as "));
    if let Some(of) = shown.map(|(of, _)| of).filter(is_own) {
        return Some(of.to_string());
    }
    let called = called(symbol)?;
    let arguments = called.split_once('<')?.1.strip_suffix('>')?;
    Some(arguments).filter(is_own).map(str::to_string)
}

/// Of data; a function's own bytes are no part of what is registered.
fn own_bytes<'u>(unit: &'u Unit, symbol: &Symbol) -> &'u [u8] {
    let (from, to) = (symbol.value, symbol.value.saturating_add(symbol.size));
    let data = symbol
        .section
        .filter(|_| kind(unit, symbol) != Some(Kind::Text));
    data.and_then(|of| unit.bytes(of).get(from as usize..to as usize))
        .unwrap_or_default()
}

fn kind(unit: &Unit, symbol: &Symbol) -> Option<Kind> {
    Some(unit.sections.get(symbol.section?)?.kind)
}
