//! What a symbol counts as when meanings are compared.

use crate::reason::demangled;
use rustc_hash::FxHashMap;
use std::borrow::Cow;

#[derive(Clone, Copy)]
pub enum Naming<'n> {
    /// Itself.
    Exact,
    /// What stands in the map, else itself: new symbols under the names of the old functions that they are.
    Renamed(&'n FxHashMap<String, String>),
    /// What stands in the map, else itself; source positions do not count.
    Classes(&'n FxHashMap<String, String>),
    /// Likewise, and the files of source positions do not count either.
    Elsewhere(&'n FxHashMap<String, String>),
}

impl Naming<'_> {
    pub fn of<'s>(&'s self, symbol: &'s str) -> Cow<'s, str> {
        match self {
            Naming::Exact => Cow::Borrowed(symbol),
            Naming::Renamed(map) | Naming::Classes(map) | Naming::Elsewhere(map) => map
                .get(symbol)
                .map_or(Cow::Borrowed(symbol), |name| Cow::Borrowed(name.as_str())),
        }
    }

    pub fn ignores_files(&self) -> bool {
        matches!(self, Naming::Elsewhere(_))
    }

    pub fn ignores_positions(&self) -> bool {
        matches!(self, Naming::Classes(_) | Naming::Elsewhere(_))
    }
}

/// The demangled path without the numbers of closures: `app::run::{closure#2}` is `app::run::{closure}`.
pub fn path(symbol: &str) -> String {
    let name = demangled(symbol);
    let mut path = String::with_capacity(name.len());
    let mut rest = name.as_str();
    while let Some((head, tail)) = rest.split_once('#') {
        path.push_str(head);
        rest = tail.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    path.push_str(rest);
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closures_of_one_function_share_their_path() {
        // app::run::{closure#0} and app::run::{closure#1}
        assert_eq!(
            path("_RNCNvCs1234_3app3run0B3_"),
            path("_RNCNvCs1234_3app3runs_0B3_")
        );
        assert_eq!(
            path("_ZN3app3run28_$u7b$$u7b$closure$u7d$$u7d$17h0123456789abcdefE"),
            "app::run::{{closure}}"
        );
    }
}
