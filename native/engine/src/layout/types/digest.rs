//! What a type's layout comes to, as a number.

use super::super::digest::{of_words, Digest};
use super::super::names::NameId;
use super::{Type, TypeTable, Variant};
use std::ops::Range;

/// The digest of a name's text.
pub type Text<'d> = &'d dyn Fn(NameId) -> u64;

impl TypeTable {
    /// Everything but the name.
    pub(in crate::layout) fn digest(&self, of: &Type, text: Text<'_>) -> u64 {
        let mut digest = Digest::default();
        digest.word(of.kind as u64);
        digest.word(of.size);
        digest.word(of.align);
        digest.word(self.fields_digest(&of.fields, text));
        if let Some(member) = &of.discriminant {
            digest.word(of_words(&[member.offset, text(member.type_name)]));
        }
        let range = of.variants.start as usize..of.variants.end as usize;
        let variants = self.variants.get(range).unwrap_or_default();
        digest.word(variants.iter().fold(0, |sum: u64, variant| {
            sum.wrapping_add(self.variant_digest(variant, text))
        }));
        digest.value()
    }

    fn variant_digest(&self, variant: &Variant, text: Text<'_>) -> u64 {
        of_words(&[
            text(variant.name),
            variant.value.map_or(0, text),
            self.fields_digest(&variant.fields, text),
        ])
    }

    /// The sum makes it a digest of a multiset: with offsets said, the order of declaration is no part of a layout.
    fn fields_digest(&self, fields: &Range<u32>, text: Text<'_>) -> u64 {
        let members = self
            .members
            .get(fields.start as usize..fields.end as usize)
            .unwrap_or_default();
        members.iter().fold(members.len() as u64, |sum, member| {
            let words = [
                text(member.name),
                member.offset,
                text(member.type_name),
                member.is_item.into(),
            ];
            sum.wrapping_add(of_words(&words))
        })
    }
}
