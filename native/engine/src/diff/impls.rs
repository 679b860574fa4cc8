//! Which `impl` block is which. Debug information numbers them within their module (`app::{impl#2}`), so one that is
//! written, derived or removed above others shifts the numbers of all below it, and with them the names of closures and
//! types inside of them. What an `impl` is for is in the symbols of its functions: `<app::Near as app::Station>::name`.

use super::debug_sides::DebugSide;
use crate::layout::Signature;
use crate::reason::demangled;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

const MARK: &str = "{impl#";

/// `impl` blocks of the new side by the names under which the old side knew them.
#[derive(Debug, Default)]
pub struct Impls {
    old_names: FxHashMap<String, String>,
}

impl Impls {
    pub fn matched(old: &DebugSide, new: &DebugSide) -> Impls {
        let (symbols_old, symbols_new) = (by_block(old), by_block(new));
        let mut open: Vec<&str> = Vec::new();
        for (block, symbols) in &symbols_new {
            // The number is part of what a symbol is made from: a common one proves the block.
            let same = symbols_old
                .get(block)
                .is_some_and(|before| !before.is_disjoint(symbols));
            if !same {
                open.push(block);
            }
        }
        if open.is_empty() {
            return Impls::default();
        }
        let modules: FxHashSet<&str> = open.iter().map(|block| module(block)).collect();
        let inside = |block: &&str| modules.contains(module(block));
        let before: BTreeMap<&str, FxHashSet<String>> = evidence(&symbols_old, inside);
        let after: BTreeMap<&str, FxHashSet<String>> = evidence(&symbols_new, inside);
        let mut impls = Impls::default();
        let mut taken: FxHashSet<&str> = FxHashSet::default();
        for (block, shown) in &after {
            let best = before
                .iter()
                .filter(|(old, _)| !taken.contains(**old))
                .map(|(old, known)| (known.intersection(shown).count(), *old == *block, *old))
                .filter(|(common, ..)| *common > 0)
                .max();
            let name = match best {
                Some((_, _, old)) => {
                    taken.insert(old);
                    old.to_string()
                }
                None => format!("{} of the new code}}", block.trim_end_matches('}')),
            };
            if name != **block {
                impls.old_names.insert(block.to_string(), name);
            }
        }
        impls
    }

    pub fn is_empty(&self) -> bool {
        self.old_names.is_empty()
    }

    /// `text` with every `impl` block under its old name; `None` when that changes nothing.
    pub fn rename(&self, text: &str) -> Option<String> {
        let mut renamed = String::new();
        let mut done = 0;
        for (at, _) in text.match_indices(MARK) {
            let Some(end) = text.get(at..)?.find('}').map(|length| at + length + 1) else {
                break;
            };
            let block = text.get(start_of_path(text, at)..end)?;
            if let Some(name) = self.old_names.get(block) {
                renamed.push_str(text.get(done..end - block.len())?);
                renamed.push_str(name);
                done = end;
            }
        }
        if done == 0 {
            return None;
        }
        renamed.push_str(text.get(done..)?);
        Some(renamed)
    }
}

/// Where the path begins that leads to the mark at `at`.
fn start_of_path(text: &str, at: usize) -> usize {
    let path = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '{' | '}' | '#');
    let before = text.get(..at).unwrap_or_default();
    before.trim_end_matches(path).len()
}

/// `app::{impl#2}` of `app::{impl#2}::name::{closure#0}`.
fn block(scope: &str) -> Option<&str> {
    let at = scope.find(MARK)?;
    let end = scope.get(at..)?.find('}')?;
    scope.get(..at + end + 1)
}

fn module(block: &str) -> &str {
    block.rsplit_once(MARK).map_or(block, |(module, _)| module)
}

type Functions<'d> = BTreeMap<&'d str, FxHashSet<Function<'d>>>;

/// A function within an `impl` block, compared by its symbol.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Function<'d> {
    symbol: &'d str,
    /// What its scope adds to the block: `::name`, or nothing for the block's own functions.
    below: &'d str,
}

fn by_block(side: &DebugSide) -> Functions<'_> {
    let mut blocks = Functions::new();
    for signature in side.signatures() {
        if let Some((block, function)) = placed(signature) {
            blocks.entry(block).or_default().insert(function);
        }
    }
    blocks
}

fn placed(signature: Signature<'_>) -> Option<(&str, Function<'_>)> {
    let scope = signature.scope();
    let block = block(scope)?;
    let below = scope.get(block.len()..)?;
    let symbol = signature.symbol();
    Some((block, Function { symbol, below }))
}

/// The demangled paths of the methods of each block: `<app::Near as app::Station>::name`.
fn evidence<'d>(
    blocks: &Functions<'d>,
    wanted: impl Fn(&&str) -> bool,
) -> BTreeMap<&'d str, FxHashSet<String>> {
    let blocks = blocks.iter().filter(|(block, _)| wanted(block));
    blocks
        .map(|(block, functions)| {
            let methods = functions.iter().filter_map(|function| {
                let path = demangled(function.symbol);
                let above = function.below.matches("::").count();
                Some(without_last(&path, above)?.to_string())
            });
            (*block, methods.collect())
        })
        .collect()
}

/// A path without its last `count` parts. The parts of functions and closures hold no `::` of their own.
fn without_last(path: &str, count: usize) -> Option<&str> {
    (0..count).try_fold(path, |path, _| Some(path.rsplit_once("::")?.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn impls(pairs: &[(&str, &str)]) -> Impls {
        let own = |(a, b): &(&str, &str)| (a.to_string(), b.to_string());
        Impls {
            old_names: pairs.iter().map(own).collect(),
        }
    }

    #[test]
    fn all_blocks_of_a_name_get_their_old_numbers_at_once() {
        let swapped = impls(&[
            ("app::{impl#0}", "app::{impl#1}"),
            ("app::{impl#1}", "app::{impl#0}"),
        ]);
        assert_eq!(
            swapped.rename(
                "Map<app::{impl#0}::f::{closure_env#0}, app::{impl#1}::g::{closure_env#2}>"
            ),
            Some(
                "Map<app::{impl#1}::f::{closure_env#0}, app::{impl#0}::g::{closure_env#2}>".into()
            )
        );
    }

    #[test]
    fn a_block_of_another_module_is_left_alone() {
        let impls = impls(&[("app::{impl#0}", "app::{impl#1}")]);
        assert_eq!(impls.rename("my_app::{impl#0}::f"), None);
        assert_eq!(impls.rename("app::deep::{impl#0}::f"), None);
        assert_eq!(impls.rename("app::f::{closure_env#0}"), None);
    }
}
