//! How one layout differs from another, in the terms of who wrote the type.

mod fields;
mod variants;

use super::types::Layout;
use fields::{fields, listed};
use variants::variants;

/// What tells one layout from another.
pub struct Differences {
    /// One sentence part each, what the user wrote before what follows from it; none when old values mean the same under
    /// the new layout.
    pub texts: Vec<String>,
    /// Sizes and places alone, as when a type held by value became larger.
    pub are_consequences: bool,
}

pub fn differences(old: Layout<'_>, new: Layout<'_>) -> Differences {
    let mut parts = Parts::default();
    if old.of.kind != new.of.kind {
        parts
            .whole
            .push(format!("was {} and is {}", kind(old), kind(new)));
    }
    if old.size() != new.size() {
        parts
            .whole
            .push(format!("size {} -> {}", old.size(), new.size()));
    }
    if old.align() != new.align() {
        parts
            .whole
            .push(format!("alignment {} -> {}", old.align(), new.align()));
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
    let Parts {
        whole,
        edits,
        moves,
    } = parts;
    Differences {
        are_consequences: edits.is_empty() && old.of.kind == new.of.kind,
        texts: [whole, edits, moves].concat(),
    }
}

/// Differences by their use to the reader, each list in the order of declaration.
#[derive(Default)]
struct Parts {
    /// Of the type as a whole.
    whole: Vec<String>,
    /// New, gone, of another type.
    edits: Vec<String>,
    /// At another offset, which mostly follows from an edit.
    moves: Vec<String>,
}

impl Parts {
    fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.edits.is_empty() && self.moves.is_empty()
    }
}

fn kind(layout: Layout<'_>) -> &'static str {
    use super::types::Kind;
    match layout.of.kind {
        Kind::Struct => "a struct",
        Kind::Union => "a union",
        Kind::Enum => "an enum",
    }
}

fn discriminant(old: Layout<'_>, new: Layout<'_>, parts: &mut Parts) {
    match (&old.of.discriminant, &new.of.discriminant) {
        (None, None) => {}
        (None, Some(tag)) => parts
            .edits
            .push(format!("has a tag at offset {}", tag.offset)),
        (Some(_), None) => parts.edits.push("has no tag any more".to_owned()),
        (Some(before), Some(after)) => {
            if before.offset != after.offset {
                parts.moves.push(format!(
                    "tag moved from offset {} to {}",
                    before.offset, after.offset
                ));
            }
            let (before, after) = (old.text(before.type_name), new.text(after.type_name));
            if before != after {
                parts.edits.push(format!("tag type {before} -> {after}"));
            }
        }
    }
}

/// Takes the first entry of `list` that `is_match` accepts.
fn take<T>(list: &mut Vec<T>, is_match: impl Fn(&T) -> bool) -> Option<T> {
    let at = list.iter().position(is_match)?;
    Some(list.remove(at))
}
