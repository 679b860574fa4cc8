//! Differences between the variants of two enums, or between the states of two coroutines.

use super::super::types::{Layout, Variant};
use super::fields::{fields, listed};
use super::{take, Parts};

/// Pairs by name, then by tag value and fields (a rename, which is no difference); what is left is gone or new.
pub fn variants(old: Layout<'_>, new: Layout<'_>, parts: &mut Parts) {
    let is_coroutine = ["{async_", "{coroutine_", "{gen_"]
        .iter()
        .any(|kind| old.name().contains(kind));
    let (noun, inner) = match is_coroutine {
        true => ("state", "local"),
        false => ("variant", "field"),
    };
    let within = |before: &Variant, after: &Variant, prefix: &str, parts: &mut Parts| {
        let before = listed(old, old.members(&before.fields));
        fields(
            &before,
            &listed(new, new.members(&after.fields)),
            inner,
            prefix,
            parts,
        );
    };
    let mut arrived: Vec<&Variant> = new.variants().iter().collect();
    let mut gone = Vec::new();
    for variant in old.variants() {
        let name = old.text(variant.name);
        let Some(other) = take(&mut arrived, |other| new.text(other.name) == name) else {
            gone.push(variant);
            continue;
        };
        let (before, after) = (tag(old, variant), tag(new, other));
        if before != after {
            parts
                .edits
                .push(format!("{noun} `{name}` tag value {before} -> {after}"));
        }
        within(variant, other, &format!("{noun} `{name}`: "), parts);
    }
    gone.retain(|variant| {
        let is_renamed = |other: &&Variant| {
            let mut found = Parts::default();
            within(variant, other, "", &mut found);
            tag(old, variant) == tag(new, other) && found.is_empty()
        };
        take(&mut arrived, is_renamed).is_none()
    });
    for variant in gone {
        parts
            .edits
            .push(format!("{noun} `{}` is gone", old.text(variant.name)));
    }
    for variant in arrived {
        parts
            .edits
            .push(format!("{noun} `{}` is new", new.text(variant.name)));
    }
}

fn tag<'t>(layout: Layout<'t>, variant: &Variant) -> &'t str {
    variant
        .value
        .map_or("any other", |value| layout.text(value))
}
