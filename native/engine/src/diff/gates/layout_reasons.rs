//! What is said of types that are laid out otherwise: all that was changed, and nothing twice.

use crate::layout::LayoutChange;
use crate::reason::Reason;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

/// A reason for each type that was changed itself. The types that hold it are a part of it, and a generic type is one
/// type, however many instances of it there are.
pub fn of(refused: &[&LayoutChange]) -> Vec<Reason> {
    groups(refused).values().filter_map(Group::reason).collect()
}

/// What is said where no value of the old layouts is alive.
pub fn notes(changed: &[&LayoutChange]) -> Vec<String> {
    groups(changed).values().filter_map(Group::note).collect()
}

fn groups<'c>(refused: &[&'c LayoutChange]) -> BTreeMap<&'c str, Group<'c>> {
    let own = refused.iter().filter(|c| c.follows_from.is_empty());
    let names: FxHashSet<&str> = own.map(|c| c.type_name.as_str()).collect();
    let cause = |change: &'c LayoutChange| {
        let mut causes = change.follows_from.iter();
        causes.find_map(|cause| names.get(cause.as_str()).copied())
    };
    let mut groups: BTreeMap<&str, Group<'_>> = BTreeMap::new();
    for change in refused {
        let name = change.type_name.as_str();
        match cause(change) {
            Some(cause) => groups.entry(generic(cause)).or_default().holders.push(name),
            None => groups
                .entry(generic(name))
                .or_default()
                .changed
                .push(change),
        }
    }
    groups
}

/// `app::Table` of `app::Table<u32, app::Row<u8>>`; tuples and the like are what they are.
fn generic(name: &str) -> &str {
    match name.split_once('<') {
        Some((path, _)) if !path.is_empty() && !path.starts_with(['(', '[', '&', '*']) => path,
        _ => name,
    }
}

#[derive(Default)]
struct Group<'c> {
    /// Instances that were changed themselves.
    changed: Vec<&'c LayoutChange>,
    /// Names of the types that grew with them.
    holders: Vec<&'c str>,
}

impl Group<'_> {
    fn shown(&self) -> Option<(&str, &str, String)> {
        let change = self.changed.iter().min_by_key(|c| ease(&c.type_name))?;
        let instances = match self.changed.len() - 1 {
            0 => String::new(),
            1 => ", and of one more instance of it,".to_owned(),
            more => format!(", and of {more} more instances of it,"),
        };
        Some((&change.type_name, &change.what, instances))
    }

    fn note(&self) -> Option<String> {
        let (shown, what, instances) = self.shown()?;
        Some(format!(
            "The layout of `{shown}`{instances} changed ({what}), and no value of the old one was alive."
        ))
    }

    fn reason(&self) -> Option<Reason> {
        let (shown, what, instances) = self.shown()?;
        let inside = match (
            self.holders.iter().min_by_key(|name| ease(name)),
            self.holders.len(),
        ) {
            (None, _) => String::new(),
            (Some(first), 1) => format!(", also inside of `{first}`"),
            (Some(first), 2) => format!(", also inside of `{first}` and one more type"),
            (Some(first), all) => format!(", also inside of `{first}` and {} more types", all - 1),
        };
        Some(Reason::new(
            "type-layout",
            shown,
            format!(
                "The layout of `{shown}`{instances} changed ({what}), and values of the old layout may be alive{inside}."
            ),
        ))
    }
}

/// The shortest name is the easiest to read.
fn ease(name: &str) -> (usize, &str) {
    (name.len(), name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(type_name: &str, follows_from: &[&str]) -> LayoutChange {
        LayoutChange {
            type_name: type_name.to_owned(),
            what: "size 8 -> 16".to_owned(),
            is_positional: false,
            entries: None,
            follows_from: follows_from.iter().map(|&name| name.to_owned()).collect(),
        }
    }

    fn said(changes: &[LayoutChange]) -> Vec<String> {
        let reasons = of(&changes.iter().collect::<Vec<_>>());
        reasons.into_iter().map(|reason| reason.message).collect()
    }

    #[test]
    fn types_that_hold_a_changed_one_are_a_part_of_its_reason() {
        let state = change("app::State", &[]);
        let rest = [
            "app::Outer",
            "core::option::Option<app::State>",
            "(app::State, u8)",
        ];
        let mut all = vec![state];
        let mut inside = |count: usize| {
            all.push(change(rest[count], &["app::State"]));
            let mut said = said(&all);
            assert_eq!(said.len(), 1);
            said.remove(0)
                .split_off("The layout of `app::State` changed (size 8 -> 16), and ".len())
        };
        let alive = "values of the old layout may be alive, also inside of `app::Outer`";
        assert_eq!(inside(0), format!("{alive}."));
        assert_eq!(inside(1), format!("{alive} and one more type."));
        assert_eq!(inside(2), format!("{alive} and 2 more types."));
    }

    #[test]
    fn instances_of_one_generic_type_are_one_reason_and_tuples_are_none_of_them() {
        let names = [
            "app::Table<alloc::string::String>",
            "app::Table<u8>",
            "app::Table<u16>",
        ];
        let tables = names.map(|name| change(name, &[]));
        assert_eq!(
            said(&tables),
            ["The layout of `app::Table<u8>`, and of 2 more instances of it, changed (size 8 -> 16), and values of the old layout may be alive."]
        );
        let tuples = ["(app::A<u8>, u8)", "(app::A<u8>, u16)"];
        assert_eq!(said(&tuples.map(|name| change(name, &[]))).len(), 2);
    }

    #[test]
    fn what_follows_from_a_type_that_is_not_refused_has_a_reason_of_its_own() {
        // A closure's captures may change; a type of the user's that holds one may not.
        let holder = change(
            "app::Button<app::run::{closure_env#0}>",
            &["app::run::{closure_env#0}"],
        );
        assert_eq!(said(&[holder]).len(), 1);
    }
}
