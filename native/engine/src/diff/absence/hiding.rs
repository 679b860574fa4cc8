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

/// Pointers to nothing in particular, as type names have them. Text that C reads, `*const i8`, is not among them.
const BARE: [&str; 11] = [
    "*mut ()",
    "*const ()",
    "*mut u8",
    "*const u8",
    "*mut core::ffi::c_void",
    "*const core::ffi::c_void",
    "NonNull<()>",
    "NonNull<u8>",
    "AtomicPtr<()>",
    "AtomicPtr<u8>",
    "AtomicPtr<core::ffi::c_void>",
];

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
                fields.any(|(_, _, of)| hiding.is_in(of))
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
        BARE.iter().any(|bare| type_name.contains(bare))
            || self.types.iter().any(|of| has_name(type_name, of))
    }

    /// A sentence about the first of these functions, by symbol, that takes or gives one.
    pub fn used_by<'f>(&self, functions: impl Iterator<Item = &'f str>) -> Option<String> {
        let takes = |s: &Signature<'_>| {
            self.is_own(s.scope())
                && (s.parameters().any(|of| self.is_in(of)) || self.is_in(s.result()))
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
