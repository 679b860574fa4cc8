//! How one layout differs from another, in the terms of who wrote the type.

use super::types::{Layout, Member, Variant};

/// One sentence part a difference; none when old values mean the same under the new layout.
pub fn differences(old: Layout<'_>, new: Layout<'_>) -> Vec<String> {
    let mut parts = Vec::new();
    if old.of.kind != new.of.kind {
        parts.push(format!("was {} and is {}", kind(old), kind(new)));
    }
    if old.size() != new.size() {
        parts.push(format!("size {} -> {}", old.size(), new.size()));
    }
    if old.align() != new.align() {
        parts.push(format!("alignment {} -> {}", old.align(), new.align()));
    }
    discriminant(old, new, &mut parts);
    let noun = if old.name().contains("{closure_env") {
        "capture"
    } else {
        "field"
    };
    fields(
        &listed(old, old.members(&old.of.fields)),
        &listed(new, new.members(&new.of.fields)),
        noun,
        "",
        &mut parts,
    );
    variants(old, new, &mut parts);
    parts
}

fn kind(layout: Layout<'_>) -> &'static str {
    use super::types::Kind;
    match layout.of.kind {
        Kind::Struct => "a struct",
        Kind::Union => "a union",
        Kind::Enum => "an enum",
    }
}

fn discriminant(old: Layout<'_>, new: Layout<'_>, parts: &mut Vec<String>) {
    match (&old.of.discriminant, &new.of.discriminant) {
        (None, None) => {}
        (None, Some(tag)) => parts.push(format!("has a tag at offset {}", tag.offset)),
        (Some(_), None) => parts.push("has no tag any more".to_owned()),
        (Some(before), Some(after)) => {
            if before.offset != after.offset {
                parts.push(format!(
                    "tag moved from offset {} to {}",
                    before.offset, after.offset
                ));
            }
            let (before, after) = (old.text(before.type_name), new.text(after.type_name));
            if before != after {
                parts.push(format!("tag type {before} -> {after}"));
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Field<'t> {
    name: &'t str,
    offset: u64,
    type_name: &'t str,
}

fn listed<'t>(layout: Layout<'t>, members: &'t [Member]) -> Vec<Field<'t>> {
    let field = |member: &Member| {
        let name = layout.text(member.name);
        // rustc writes `__0` for a tuple's `0`.
        let name = name
            .strip_prefix("__")
            .filter(|number| number.parse::<u32>().is_ok())
            .unwrap_or(name);
        Field {
            name,
            offset: member.offset,
            type_name: layout.text(member.type_name),
        }
    };
    members.iter().map(field).collect()
}

/// Takes the first entry of `list` that `is_match` accepts.
fn take<T>(list: &mut Vec<T>, is_match: impl Fn(&T) -> bool) -> Option<T> {
    let at = list.iter().position(is_match)?;
    Some(list.remove(at))
}

/// Pairs by narrowing rungs: the same in all, the same name, the same place and type (a rename, which is no difference);
/// what is left is gone or new. Names can occur twice: a coroutine keeps every `x` of its scopes.
fn fields(old: &[Field<'_>], new: &[Field<'_>], noun: &str, prefix: &str, parts: &mut Vec<String>) {
    let mut arrived = new.to_vec();
    let mut left: Vec<Field<'_>> = Vec::new();
    for field in old {
        if take(&mut arrived, |other| other == field).is_none() {
            left.push(*field);
        }
    }
    let mut gone = Vec::new();
    for field in left {
        match take(&mut arrived, |other| other.name == field.name) {
            Some(other) => parts.push(format!("{prefix}{}", moved(field, other, noun))),
            None => gone.push(field),
        }
    }
    gone.retain(|field| {
        take(&mut arrived, |other| {
            (other.offset, other.type_name) == (field.offset, field.type_name)
        })
        .is_none()
    });
    for Field {
        name,
        offset,
        type_name,
    } in gone
    {
        parts.push(format!(
            "{prefix}{noun} `{name}: {type_name}` at offset {offset} is gone"
        ));
    }
    for Field {
        name,
        offset,
        type_name,
    } in arrived
    {
        parts.push(format!(
            "{prefix}{noun} `{name}: {type_name}` is new at offset {offset}"
        ));
    }
}

fn moved(old: Field<'_>, new: Field<'_>, noun: &str) -> String {
    let Field {
        name,
        offset,
        type_name,
    } = old;
    if old.type_name == new.type_name {
        return format!(
            "{noun} `{name}: {type_name}` moved from offset {offset} to {}",
            new.offset
        );
    }
    if let (Some(before), Some(after)) = (vtable_slots(old), vtable_slots(new)) {
        return format!("vtable entries {before} -> {after}");
    }
    let place = if offset == new.offset {
        String::new()
    } else {
        format!(" and offset {offset} -> {}", new.offset)
    };
    format!(
        "{noun} `{name}` type {type_name} -> {}{place}",
        new.type_name
    )
}

/// The second half of a `&dyn Trait` is `vtable: &[usize; N]`.
fn vtable_slots(field: Field<'_>) -> Option<&str> {
    field
        .type_name
        .strip_prefix("&[usize; ")?
        .strip_suffix(']')
        .filter(|_| field.name == "vtable")
}

fn variants(old: Layout<'_>, new: Layout<'_>, parts: &mut Vec<String>) {
    let is_coroutine = old.name().contains("{async_") || old.name().contains("{coroutine_");
    let (noun, inner) = if is_coroutine {
        ("state", "local")
    } else {
        ("variant", "field")
    };
    let value = |layout: Layout<'_>, variant: &Variant| {
        variant.value.map(|value| layout.text(value).to_owned())
    };
    let within = |before: &Variant, after: &Variant, prefix: &str| {
        let mut found = Vec::new();
        let (before, after) = (
            listed(old, old.members(&before.fields)),
            listed(new, new.members(&after.fields)),
        );
        fields(&before, &after, inner, prefix, &mut found);
        found
    };
    let mut arrived: Vec<&Variant> = new.variants().iter().collect();
    let mut gone = Vec::new();
    for variant in old.variants() {
        let name = old.text(variant.name);
        let Some(other) = take(&mut arrived, |other| new.text(other.name) == name) else {
            gone.push(variant);
            continue;
        };
        let (before, after) = (value(old, variant), value(new, other));
        if before != after {
            let shown = |value: Option<String>| value.unwrap_or_else(|| "any other".to_owned());
            parts.push(format!(
                "{noun} `{name}` tag value {} -> {}",
                shown(before),
                shown(after)
            ));
        }
        parts.extend(within(variant, other, &format!("{noun} `{name}`: ")));
    }
    // A renamed variant keeps its tag value and its fields.
    gone.retain(|variant| {
        let is_renamed = |other: &&Variant| {
            value(old, variant) == value(new, other) && within(variant, other, "").is_empty()
        };
        take(&mut arrived, is_renamed).is_none()
    });
    parts.extend(
        gone.iter()
            .map(|variant| format!("{noun} `{}` is gone", old.text(variant.name))),
    );
    parts.extend(
        arrived
            .iter()
            .map(|variant| format!("{noun} `{}` is new", new.text(variant.name))),
    );
}
