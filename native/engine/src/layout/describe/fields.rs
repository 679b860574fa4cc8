//! Differences between two lists of fields.

use super::super::types::{Layout, Member};
use super::{take, Parts};

#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Field<'t> {
    name: &'t str,
    offset: u64,
    type_name: &'t str,
    /// Has no bytes, and no bearing on the alignment.
    is_empty: bool,
}

pub fn listed<'t>(layout: Layout<'t>, members: &'t [Member]) -> Vec<Field<'t>> {
    let field = |member: &Member| {
        let name = layout.text(member.name);
        // rustc writes `__0` for a tuple's `0`.
        let number = name
            .strip_prefix("__")
            .filter(|number| number.parse::<u32>().is_ok());
        Field {
            name: number.unwrap_or(name),
            offset: member.offset,
            type_name: layout.text(member.type_name),
            is_empty: is_marker(layout.text(member.type_name)),
        }
    };
    members.iter().map(field).collect()
}

/// Pairs by narrowing rungs: the same in all, the same name, the same place and type (a rename, which is no difference);
/// what is left is gone or new. Names can occur twice: a coroutine keeps every `x` of its scopes.
pub fn fields(old: &[Field<'_>], new: &[Field<'_>], noun: &str, prefix: &str, parts: &mut Parts) {
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
            Some(other) => changed(field, other, noun, prefix, parts),
            None => gone.push(field),
        }
    }
    gone.retain(|field| take(&mut arrived, |other| is_renamed(field, other)).is_none());
    for field in gone {
        let Field {
            name,
            offset,
            type_name,
            ..
        } = field;
        parts.edits.push(format!(
            "{prefix}{noun} `{name}: {type_name}` at offset {offset} is gone"
        ));
    }
    // Nothing is read from where a field of no bytes lies, so old values have it already.
    arrived.retain(|field| !field.is_empty);
    for field in arrived {
        let Field {
            name,
            offset,
            type_name,
            ..
        } = field;
        parts.edits.push(format!(
            "{prefix}{noun} `{name}: {type_name}` is new at offset {offset}"
        ));
    }
}

/// Types of std that anyone may make out of nothing. A type of the user's own may have no bytes and still be a token that
/// only some code can make, or need a destructor, so those count.
fn is_marker(type_name: &str) -> bool {
    type_name == "()"
        || type_name == "core::marker::PhantomPinned"
        || type_name.starts_with("core::marker::PhantomData<")
}

fn is_renamed(old: &Field<'_>, new: &Field<'_>) -> bool {
    (old.offset, old.type_name) == (new.offset, new.type_name)
}

fn changed(old: Field<'_>, new: Field<'_>, noun: &str, prefix: &str, parts: &mut Parts) {
    let Field {
        name,
        offset,
        type_name,
        ..
    } = old;
    if type_name == new.type_name {
        let place = format!("from offset {offset} to {}", new.offset);
        parts.moves.push(format!(
            "{prefix}{noun} `{name}: {type_name}` moved {place}"
        ));
    } else if let (Some(before), Some(after)) = (vtable_entries(old), vtable_entries(new)) {
        parts
            .edits
            .push(format!("vtable entries {before} -> {after}"));
    } else {
        let place = match offset == new.offset {
            true => String::new(),
            false => format!(" and offset {offset} -> {}", new.offset),
        };
        parts.edits.push(format!(
            "{prefix}{noun} `{name}` type {type_name} -> {}{place}",
            new.type_name
        ));
    }
}

/// The second half of a `&dyn Trait` is `vtable: &[usize; N]`.
fn vtable_entries(field: Field<'_>) -> Option<&str> {
    let count = field
        .type_name
        .strip_prefix("&[usize; ")?
        .strip_suffix(']')?;
    Some(count).filter(|_| field.name == "vtable")
}
