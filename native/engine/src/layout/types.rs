//! Every type that a unit mentions, with its layout: compact, serializable, ready to be compared.

mod build;
mod digest;
mod rename;

use super::digest::of_text;
use super::names::{NameId, Names};
use serde::{Deserialize, Serialize};
use std::ops::Range;

pub(super) use build::build;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    Struct,
    Union,
    Enum,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Type {
    /// Digest of the name, which the table is sorted by.
    pub key: u64,
    /// Digest of everything else here.
    pub digest: u64,
    pub name: NameId,
    pub kind: Kind,
    pub size: u64,
    pub align: u64,
    pub discriminant: Option<Member>,
    /// Into the table's members: fields outside of variants.
    pub fields: Range<u32>,
    /// Into the table's variants.
    pub variants: Range<u32>,
}

/// A field at `offset` bytes from the start of its type.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Member {
    pub name: NameId,
    pub offset: u64,
    pub type_name: NameId,
    /// Is a function itself, of no bytes, where the type's name reads as a pointer to one.
    pub is_item: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Variant {
    pub name: NameId,
    /// The tag's value in decimal; `None` for the variant that all other values mean.
    pub value: Option<NameId>,
    /// Into the table's members; offsets count from the start of the enum.
    pub fields: Range<u32>,
}

/// The types of one unit. One name can stand for several layouts: blocks of one function may each define a `T`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct TypeTable {
    pub(super) names: Names,
    pub(super) types: Vec<Type>,
    pub(super) members: Vec<Member>,
    pub(super) variants: Vec<Variant>,
}

/// One layout of one type.
#[derive(Clone, Copy)]
pub struct Layout<'t> {
    pub(super) table: &'t TypeTable,
    pub(super) of: &'t Type,
}

impl TypeTable {
    pub fn len(&self) -> usize {
        self.types.len()
    }

    pub fn is_empty(&self) -> bool {
        self.types.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = Layout<'_>> {
        self.types.iter().map(|of| Layout { table: self, of })
    }

    /// All layouts that the unit knows under a qualified name; none when it does not mention the type.
    pub fn layouts<'t>(&'t self, name: &'t str) -> impl Iterator<Item = Layout<'t>> {
        let key = of_text(name);
        let start = self.types.partition_point(|of| of.key < key);
        let candidates = self
            .types
            .get(start..)
            .unwrap_or_default()
            .iter()
            .take_while(move |of| of.key == key);
        candidates
            .map(|of| Layout { table: self, of })
            .filter(move |layout| layout.name() == name)
    }
}

impl<'t> Layout<'t> {
    pub fn name(self) -> &'t str {
        self.table.names.get(self.of.name)
    }

    /// Bytes.
    pub fn size(self) -> u64 {
        self.of.size
    }

    /// Bytes.
    pub fn align(self) -> u64 {
        self.of.align
    }

    /// Equal digests are equal layouts (of one name), in any unit and in any process.
    pub fn digest(self) -> u64 {
        self.of.digest
    }

    /// Name, offset in bytes and type name of every field; of an enum, those of all variants.
    pub fn fields(self) -> impl Iterator<Item = (&'t str, u64, &'t str)> {
        self.all_members().map(move |member| {
            (
                self.text(member.name),
                member.offset,
                self.text(member.type_name),
            )
        })
    }

    /// Type names of the fields that can hold or lead to a value: of all but functions that are passed as themselves.
    pub fn held(self) -> impl Iterator<Item = &'t str> {
        let members = self.all_members().filter(|member| !member.is_item);
        members.map(move |member| self.text(member.type_name))
    }

    fn all_members(self) -> impl Iterator<Item = &'t Member> {
        let variants = self
            .variants()
            .iter()
            .flat_map(move |variant| self.members(&variant.fields));
        self.members(&self.of.fields).iter().chain(variants)
    }

    /// Name and tag value of every variant.
    pub fn variant_names(self) -> impl Iterator<Item = (&'t str, Option<&'t str>)> {
        self.variants().iter().map(move |variant| {
            (
                self.text(variant.name),
                variant.value.map(|value| self.text(value)),
            )
        })
    }

    pub(super) fn text(self, id: NameId) -> &'t str {
        self.table.names.get(id)
    }

    pub(super) fn members(self, range: &Range<u32>) -> &'t [Member] {
        self.table
            .members
            .get(range.start as usize..range.end as usize)
            .unwrap_or_default()
    }

    pub(super) fn variants(self) -> &'t [Variant] {
        self.table
            .variants
            .get(self.of.variants.start as usize..self.of.variants.end as usize)
            .unwrap_or_default()
    }
}
