//! The user's own code that keeps values behind pointers which say nothing of what they lead to.
//!
//! `Box::into_raw(Box::new(row)).cast::<()>()` in a field, a static or a list is a value that no type, no vtable and no function
//! leads to. So where code that has to do with the changed types takes, gives or uses something with such a pointer in it, nobody
//! can say that none of them is alive. That is asked of what the workspace declares alone: libraries that forget a type keep its
//! functions or a vtable beside the value, as executors, `Bytes` and component systems do, and those are looked for.

use super::code::Version;
use crate::diff::taint::has_name;
use crate::layout::Signature;
use crate::live::{crate_name, Live};
use crate::reason::demangled;
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;

/// What pointers to nothing in particular lead to. Text that C reads, `i8`, is not among them.
const NOTHING: [&str; 3] = ["()", "u8", "core::ffi::c_void"];

/// How a type name has a pointer, before and behind what it leads to.
const POINTERS: [(&str, &str); 4] = [
    ("*mut ", ""),
    ("*const ", ""),
    ("NonNull<", ">"),
    ("AtomicPtr<", ">"),
];

/// Whether a type's name has a pointer to nothing in particular in it. One to what is among the type's own arguments is a
/// pointer to a value of that: `*const V` of a `Ref<K, V>` reads `*const ()` in `Ref<u32, ()>`.
fn has_bare(type_name: &str, is_argument: impl Fn(&str) -> bool) -> bool {
    let nothing = NOTHING.iter().filter(|of| !is_argument(of));
    nothing.into_iter().any(|of| {
        let mut pointers = POINTERS.iter();
        pointers.any(|(before, behind)| type_name.contains(&format!("{before}{of}{behind}")))
    })
}

/// Whether `of` is a type argument in a type's name: `()` of `app::Ref<u32, ()>`.
fn has_argument(type_name: &str, of: &str) -> bool {
    type_name.match_indices(of).any(|(at, _)| {
        let before = type_name.get(..at).unwrap_or_default();
        let behind = type_name.get(at + of.len()..).unwrap_or_default();
        (before.ends_with('<') || before.ends_with(", ")) && behind.starts_with(['>', ','])
    })
}

pub struct Hiding<'v> {
    versions: &'v [Version],
    /// First segments of paths into the workspace.
    crates: FxHashSet<&'v str>,
    /// Types of the workspace that have such a pointer in them.
    types: Vec<&'v str>,
}

impl<'v> Hiding<'v> {
    pub fn find(live: &'v Live, versions: &'v [Version]) -> Self {
        let crates = live.now.crates.keys().map(|id| crate_name(id)).collect();
        let mut hiding = Hiding {
            versions,
            crates,
            types: Vec::new(),
        };
        let layouts = versions.iter().flat_map(|v| v.tables.types.iter());
        let mut open: Vec<_> = layouts.filter(|l| hiding.is_own(l.name())).collect();
        loop {
            let (found, others): (Vec<_>, Vec<_>) = open.into_iter().partition(|layout| {
                let mut fields = layout.fields();
                let is_argument = |of: &str| has_argument(layout.name(), of);
                fields.any(|(_, _, of)| hiding.is_part_of(of) || has_bare(of, is_argument))
            });
            open = others;
            if found.is_empty() {
                return hiding;
            }
            hiding
                .types
                .extend(found.iter().map(|layout| layout.name()));
            hiding.types.sort_unstable();
            hiding.types.dedup();
        }
    }

    fn is_own(&self, path: &str) -> bool {
        let first = path.split("::").next().unwrap_or(path);
        self.crates.contains(first.trim_start_matches('<'))
    }

    /// Whether a type's name has such a pointer in it, or a type that has.
    pub fn is_in(&self, type_name: &str) -> bool {
        self.is_part_of(type_name) || has_bare(type_name, |_| false)
    }

    fn is_part_of(&self, type_name: &str) -> bool {
        self.types.iter().any(|of| has_name(type_name, of))
    }

    /// A sentence about the first of these functions, by symbol, that takes or gives one.
    pub fn used_by<'f>(&self, functions: impl Iterator<Item = &'f str>) -> Option<String> {
        let takes = |s: &Signature<'_>| {
            let is_argument = |of: &str| s.arguments().any(|(name, _)| name == of);
            let mut types = s.parameters().chain([s.result()]);
            self.is_own(s.scope())
                && types.any(|of| self.is_part_of(of) || has_bare(of, is_argument))
        };
        let found: BTreeSet<String> = functions
            .filter(|symbol| {
                let all = self.versions.iter();
                let mut all = all.filter_map(|v| v.tables.signatures.get(symbol));
                all.any(|signature| takes(&signature))
            })
            .map(demangled)
            .collect();
        let name = found.first()?;
        Some(format!(
            "`{name}` has to do with pointers that say nothing of what they lead to, and may keep one there."
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_to_a_type_argument_is_not_bare() {
        let of = |name: &'static str| move |of: &str| has_argument(name, of);
        assert!(has_bare("alloc::vec::Vec<*mut ()>", of("app::Kept")));
        assert!(!has_bare("*const ()", of("app::Ref<u32, ()>")));
        assert!(!has_bare(
            "core::ptr::non_null::NonNull<()>",
            of("app::Raw<(), 0>")
        ));
        assert!(has_bare("*const u8", of("app::Ref<u32, ()>")));
        assert!(has_bare("*mut ()", of("app::Ref<((), u8)>")));
        for typed in ["*const i8", "&[u8]", "*mut app::Row", "NonNull<app::Row>"] {
            assert!(!has_bare(typed, |_| false), "{typed}");
        }
    }
}
