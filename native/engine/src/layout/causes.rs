//! Which changed types lie in which: a field that is new in one moves and enlarges all that hold it by value.

use super::compare::{Change, LayoutChange};
use super::types::Layout;
use rustc_hash::{FxHashMap, FxHashSet};

/// Causes that are kept of one type. They serve to say less, so none is missed where there are more.
const CAUSES: usize = 4;

/// Depth first along the fields held by value, innermost out; types that did not change are passed through, since
/// `Option<app::Inner>` may lie between two that did.
pub(super) fn in_order_of_cause(changes: &[Change<'_>]) -> Vec<LayoutChange> {
    let by_name: FxHashMap<&str, &Change<'_>> = changes
        .iter()
        .map(|change| (change.old.name(), change))
        .collect();
    let mut names: Vec<&str> = by_name.keys().copied().collect();
    names.sort_unstable();
    let mut ordered = Vec::with_capacity(changes.len());
    let mut causes: FxHashMap<&str, Vec<&str>> = FxHashMap::default();
    let mut seen = FxHashSet::default();
    for name in names {
        let mut stack = vec![(name, by_name.get(name).map(|change| change.new), false)];
        while let Some((name, layout, is_done)) = stack.pop() {
            if is_done {
                let inside = layout.map_or_else(Vec::new, |layout| held(layout, &causes));
                match by_name.get(name) {
                    None => drop(causes.insert(name, inside)),
                    Some(change) if change.is_consequence && !inside.is_empty() => {
                        ordered.push(change.reported(&inside));
                        causes.insert(name, inside);
                    }
                    Some(change) => {
                        ordered.push(change.reported(&[]));
                        causes.insert(name, vec![name]);
                    }
                }
            } else if seen.insert(name) {
                stack.push((name, layout, true));
                for inner in layout.into_iter().flat_map(elements) {
                    if !seen.contains(inner) {
                        let next = by_name.get(inner).map(|change| change.new);
                        let next = next.or_else(|| layout?.table.layouts(inner).next());
                        stack.push((inner, next, false));
                    }
                }
            }
        }
    }
    ordered
}

/// What is known to have changed inside of the types that `layout` holds by value.
fn held<'t>(layout: Layout<'t>, causes: &FxHashMap<&'t str, Vec<&'t str>>) -> Vec<&'t str> {
    let mut found: Vec<&str> = Vec::new();
    for &cause in elements(layout)
        .filter_map(|inner| causes.get(inner))
        .flatten()
    {
        if found.len() < CAUSES && !found.contains(&cause) {
            found.push(cause);
        }
    }
    found
}

fn elements<'t>(layout: Layout<'t>) -> impl Iterator<Item = &'t str> {
    layout.fields().map(|(_, _, type_name)| element(type_name))
}

/// `app::Cell` of `[[app::Cell; 3]; 8]`.
fn element(mut type_name: &str) -> &str {
    while let Some((inner, _)) = type_name
        .strip_prefix('[')
        .and_then(|array| array.rsplit_once("; "))
    {
        type_name = inner;
    }
    type_name
}
