//! From the scan's records to a [`TypeTable`].

use super::super::error::Error;
use super::super::groups::Groups;
use super::super::record::{Node, NodeKind, RawMember, RawVariant, NONE};
use super::super::resolve::Resolver;
use super::super::scan::Scan;
use super::{Kind, Member, Type, TypeTable, Variant};
use std::ops::Range;

/// Ends the reading of a unit: the resolver's names become the table's.
pub fn build<'a>(scan: &Scan<'a>, names: Resolver<'_, 'a>) -> Result<TypeTable, Error> {
    let mut builder = Builder {
        members: Groups::new(
            scan.nodes.len(),
            scan.members.iter().map(|member| member.owner),
        ),
        variants: Groups::new(
            scan.nodes.len(),
            scan.variants.iter().map(|variant| variant.owner),
        ),
        is_payload: vec![false; scan.nodes.len()],
        table: TypeTable::default(),
        scan,
        names,
    };
    builder.mark_payloads();
    for (index, node) in (0..).zip(&scan.nodes) {
        let is_payload = builder
            .is_payload
            .get(index as usize)
            .copied()
            .unwrap_or(false);
        if node.kind.has_layout() && !node.is_declaration && !is_payload {
            builder.add(index, node)?;
        }
    }
    let mut table = builder.table;
    // Link-time optimization repeats types, one copy a merged unit.
    table.types.sort_by_key(|of| (of.key, of.digest));
    table.types.dedup_by_key(|of| (of.key, of.digest));
    table.names = builder.names.finish();
    Ok(table)
}

struct Builder<'s, 'a> {
    scan: &'s Scan<'a>,
    names: Resolver<'s, 'a>,
    members: Groups,
    variants: Groups,
    /// By node: the struct that rustc makes for the fields of one variant, which belongs to the enum.
    is_payload: Vec<bool>,
    table: TypeTable,
}

impl<'s, 'a> Builder<'s, 'a> {
    fn mark_payloads(&mut self) {
        for member in self
            .scan
            .members
            .iter()
            .filter(|member| member.variant != NONE)
        {
            if let Some((index, _)) = self.payload(member) {
                if let Some(mark) = self.is_payload.get_mut(index as usize) {
                    *mark = true;
                }
            }
        }
    }

    /// The variant's own struct: it stands inside of the enum that it is a part of.
    fn payload(&self, member: &RawMember<'_>) -> Option<(u32, &'s Node<'a>)> {
        self.names
            .find(member.target?)
            .filter(|(_, node)| node.parent == member.owner && node.kind == NodeKind::Struct)
    }

    fn add(&mut self, index: u32, node: &Node<'a>) -> Result<(), Error> {
        let name = self.names.node_name(index)?;
        if self.names.text(name).ends_with("::{vtable_type}") {
            return Ok(());
        }
        let owned = self
            .scan
            .members
            .get(self.members.of(index))
            .unwrap_or_default();
        let variants = self
            .scan
            .variants
            .get(self.variants.of(index))
            .unwrap_or_default();

        let fields = self.fields(
            owned
                .iter()
                .filter(|member| !member.is_discriminant && member.variant == NONE),
            0,
        )?;
        let discriminant = match owned.iter().find(|member| member.is_discriminant) {
            Some(member) => Some(self.member(member, 0)?),
            None if node.kind == NodeKind::Enumeration => Some(Member {
                name: self.names.intern(""),
                offset: 0,
                type_name: self.names.type_name(node.target)?,
                is_item: false,
            }),
            None => None,
        };
        let first_variant = self.table.variants.len() as u32;
        let first_index = self.variants.of(index).start;
        for (at, variant) in (first_index..).zip(variants) {
            let payload = owned.iter().find(|member| member.variant as usize == at);
            let variant = self.variant(variant, payload)?;
            self.table.variants.push(variant);
        }
        let kind = match node.kind {
            NodeKind::Union => Kind::Union,
            NodeKind::Struct if discriminant.is_none() && variants.is_empty() => Kind::Struct,
            _ => Kind::Enum,
        };
        let mut of = Type {
            key: self.names.digest(name),
            digest: 0,
            name,
            kind,
            size: node.size.unwrap_or(0),
            align: node.align,
            discriminant,
            fields,
            variants: first_variant..self.table.variants.len() as u32,
        };
        of.digest = self.table.digest(&of, &|name| self.names.digest(name));
        self.table.types.push(of);
        Ok(())
    }

    fn variant(
        &mut self,
        variant: &RawVariant<'a>,
        member: Option<&RawMember<'a>>,
    ) -> Result<Variant, Error> {
        let mut name = variant.name;
        let mut fields = 0..0;
        if let Some(member) = member {
            name = member.name;
            if let Some((index, payload)) = self.payload(member) {
                // A coroutine numbers its states; the struct has the name (`Suspend0`).
                name = payload.name;
                let owned = self
                    .scan
                    .members
                    .get(self.members.of(index))
                    .unwrap_or_default();
                fields = self.fields(owned.iter(), member.offset)?;
            } else {
                fields = self.fields(std::iter::once(member), 0)?;
            }
        }
        let value = variant
            .value
            .map(|value| self.names.intern(&value.to_string()));
        Ok(Variant {
            name: self.names.plain_name(name)?,
            value,
            fields,
        })
    }

    fn fields<'m>(
        &mut self,
        members: impl Iterator<Item = &'m RawMember<'a>>,
        base: u64,
    ) -> Result<Range<u32>, Error>
    where
        'a: 'm,
    {
        let start = self.table.members.len() as u32;
        for member in members {
            let member = self.member(member, base)?;
            self.table.members.push(member);
        }
        Ok(start..self.table.members.len() as u32)
    }

    fn member(&mut self, member: &RawMember<'a>, base: u64) -> Result<Member, Error> {
        Ok(Member {
            name: self.names.plain_name(member.name)?,
            offset: base.wrapping_add(member.offset),
            type_name: self.names.type_name(member.target)?,
            is_item: self.names.is_function_item(member.target),
        })
    }
}
