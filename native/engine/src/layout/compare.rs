//! What changed between two versions of a unit's types.
//!
//! A layout is the triples (name, offset, type) of its fields with size, alignment, tag and variants. Names count: two
//! fields of one type that swap places leave the bytes alike and every old value wrong. A pure rename, a name gone and a
//! name new at one offset with one type, is no change.

use super::causes::in_order_of_cause;
use super::describe::differences;
use super::types::{Layout, TypeTable};
use rustc_hash::FxHashSet;

/// One type whose old values new code would read wrongly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayoutChange {
    /// Qualified: `app::State<alloc::string::String>`.
    pub type_name: String,
    /// In the user's terms, to follow the name: "size 16 -> 24, field `count: u32` is new at offset 16".
    pub what: String,
    /// The name counts closures, `async` blocks or `impl`s by their place (`app::run::{closure_env#0}`), so another one
    /// written before it can have taken the name over.
    pub is_positional: bool,
    /// Of a pointer to objects of a trait that differs in nothing else: entries of its vtables, at the least, before and
    /// after.
    pub entries: Option<(u64, u64)>,
    /// Changed types that it holds by value, from which all that is different in it follows; a few of them, where there are
    /// many. None when it was changed itself.
    pub follows_from: Vec<String>,
}

/// The changes between one unit and its next version, a member's type before the types that hold it by value.
/// What only one side mentions is no change; of several layouts under one name, each old one must still be there.
pub fn compare(old: &TypeTable, new: &TypeTable) -> Vec<LayoutChange> {
    compare_all(&[old], &[new])
}

/// [`compare`] for several units at once, so that a type that moved from one unit to another is compared too.
/// `old` and `new` are the changed units of a crate (gone ones on the old side, added ones on the new side), and those
/// of the crates that were compiled again because of it.
pub fn compare_all(old: &[&TypeTable], new: &[&TypeTable]) -> Vec<LayoutChange> {
    let old = sorted(old);
    let new = sorted(new);
    let mut rest = new.as_slice();
    let mut changes = Vec::new();
    for before in old.chunk_by(|a, b| order(a) == order(b)) {
        let Some(first) = before.first() else {
            continue;
        };
        rest = rest
            .get(
                rest.iter()
                    .take_while(|layout| order(layout) < order(first))
                    .count()..,
            )
            .unwrap_or_default();
        let count = rest
            .iter()
            .take_while(|layout| order(layout) == order(first))
            .count();
        changes.extend(lost(before, rest.get(..count).unwrap_or_default()));
    }
    in_order_of_cause(&changes)
}

/// One name of both sides.
pub(super) struct Change<'t> {
    pub old: Layout<'t>,
    pub new: Layout<'t>,
    what: String,
    /// As [`describe::Differences`] has it.
    pub is_consequence: bool,
}

/// By name, but mostly without looking at it.
fn order<'t>(layout: &Layout<'t>) -> (u64, &'t str) {
    (layout.of.key, layout.name())
}

fn sorted<'t>(tables: &[&'t TypeTable]) -> Vec<Layout<'t>> {
    // Most types stand in many units of a crate alike, and one of them is enough.
    let mut seen = FxHashSet::default();
    let all = tables.iter().flat_map(|table| table.iter());
    let mut layouts: Vec<Layout<'t>> = all
        .filter(|l| seen.insert((l.of.key, l.of.digest)))
        .collect();
    layouts.sort_by(|a, b| a.of.key.cmp(&b.of.key).then_with(|| a.name().cmp(b.name())));
    layouts
}

/// The first of a name's old layouts that none of its new ones is alike.
fn lost<'t>(before: &[Layout<'t>], after: &[Layout<'t>]) -> Option<Change<'t>> {
    let fresh = after
        .iter()
        .find(|new| before.iter().all(|old| old.digest() != new.digest()));
    let nearest = fresh.or(after.first())?;
    for old in before {
        let is_kept = after
            .iter()
            .any(|new| new.digest() == old.digest() || differences(*old, *new).texts.is_empty());
        if !is_kept {
            let found = differences(*old, *nearest);
            return Some(Change {
                old: *old,
                new: *nearest,
                what: sentence(&found.texts),
                is_consequence: found.are_consequences,
            });
        }
    }
    None
}

/// Past a handful, more of the same only hides the first.
fn sentence(parts: &[String]) -> String {
    const SHOWN: usize = 4;
    let shown = parts
        .get(..SHOWN.min(parts.len()))
        .unwrap_or_default()
        .join(", ");
    match parts.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown}, and {more} more"),
    }
}

impl Change<'_> {
    pub fn reported(&self, follows_from: &[&str]) -> LayoutChange {
        let type_name = self.old.name().to_owned();
        LayoutChange {
            is_positional: is_positional(&type_name),
            entries: entries(self.old).zip(entries(self.new)),
            type_name,
            what: self.what.clone(),
            follows_from: follows_from.iter().map(|&name| name.to_owned()).collect(),
        }
    }
}

/// The number in `&[usize; 5]`, which rustc gives the member `vtable` of a pointer to a `dyn` type. Such a pointer has
/// no other member that could change.
fn entries(layout: Layout<'_>) -> Option<u64> {
    let is_object = layout.name().contains("dyn ");
    let mut fields = layout.fields().filter(|_| is_object);
    match (fields.next()?, fields.next()?, fields.next()) {
        (("pointer", 0, _), ("vtable", 8, vtable), None) => vtable
            .strip_prefix("&[usize; ")?
            .strip_suffix(']')?
            .parse()
            .ok(),
        _ => None,
    }
}

/// `{closure_env#0}`, `{async_block_env#1}`, `{impl#2}`: named by their place among their kind.
fn is_positional(name: &str) -> bool {
    name.split('{').skip(1).any(|part| {
        part.split_once('}')
            .is_some_and(|(inner, _)| inner.contains('#'))
    })
}
