//! What a program does or collects before `main`: `.init_array` entries (`ctor`, `inventory`), and sections that are read
//! from their start to their stop symbol (`linkme`). The running program has done so already, and such a section cannot
//! grow in place: what is new in it, changed or gone counts from the next start on, and the report says so.

use super::naming::path;
use crate::format::unit::{Kind, SectionId, Symbol, SymbolKind, Target, Unit};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A note for every registration that differs.
pub fn notes(old: &[Arc<Unit>], new: &[Arc<Unit>]) -> Vec<String> {
    let (before, after) = (entries(old), entries(new));
    let mut notes = Vec::new();
    for ((section, name), contents) in &after {
        let what = match before.get(&(section.clone(), name.clone())) {
            Some(known) if known == contents => continue,
            Some(_) => "was registered at start-up as it was",
            None if section.starts_with('.') => "is to run at start-up",
            None => "is to be collected at start-up",
        };
        notes.push(format!(
            "`{name}` {what} (section `{section}`); what is new about it takes effect after a restart."
        ));
    }
    for (section, name) in before.keys().filter(|key| !after.contains_key(key)) {
        notes.push(format!(
            "`{name}` was registered at start-up (section `{section}`) and stays so until a restart."
        ));
    }
    notes
}

/// By section and by the path of what is registered; with what each entry holds, as often as it is there.
type Entries = BTreeMap<(String, String), Vec<Vec<u8>>>;

fn entries(units: &[Arc<Unit>]) -> Entries {
    let mut entries = Entries::new();
    for unit in units {
        for (id, section) in unit.sections.iter().enumerate() {
            if !is_registry(&section.name, section.kind) {
                continue;
            }
            // `.init_array.00099` is `.init_array` with a priority.
            let name = match section.name.strip_prefix('.') {
                Some(rest) => format!(".{}", rest.split('.').next().unwrap_or_default()),
                None => section.name.clone(),
            };
            for symbol in within(unit, id) {
                let shown = path(&symbol.name);
                let of = entries.entry((name.clone(), shown)).or_default();
                of.push(contents(unit, id, symbol));
            }
        }
    }
    entries.values_mut().for_each(|all| all.sort());
    entries
}

/// Linkers make `__start_` and `__stop_` symbols for sections whose names are C identifiers (gABI has none of these).
pub fn is_registry(name: &str, kind: Kind) -> bool {
    let identifier =
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    kind == Kind::InitArray || (identifier && (kind.is_state() || kind.is_constant()))
}

/// The statics that a section holds; it can be several, since the section was named by hand.
fn within(unit: &Unit, section: SectionId) -> impl Iterator<Item = &Symbol> {
    unit.symbols.iter().filter(move |symbol| {
        symbol.section == Some(section)
            && !matches!(symbol.kind, SymbolKind::Section | SymbolKind::File)
            && !symbol.name.is_empty()
    })
}

/// Bytes and the names of what they point to.
fn contents(unit: &Unit, section: SectionId, symbol: &Symbol) -> Vec<u8> {
    let range = symbol.value..symbol.value.saturating_add(symbol.size);
    let (from, to) = (range.start as usize, range.end as usize);
    let mut contents = unit
        .bytes(section)
        .get(from..to)
        .unwrap_or_default()
        .to_vec();
    for r in unit
        .relocations(section)
        .iter()
        .filter(|r| range.contains(&r.offset))
    {
        let target = match unit.target(r) {
            Target::Undefined(symbol) => Some(symbol),
            Target::Section {
                section, symbol, ..
            } => unit.called(section, symbol),
        };
        if let Some(target) = target {
            contents.extend(path(&target.name).into_bytes());
        }
    }
    contents
}
