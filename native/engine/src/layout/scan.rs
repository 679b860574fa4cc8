//! One linear pass over all entries of `.debug_info`.
//!
//! No tree is built: a stack says what encloses the entry at hand, and only what some table asks for is written down.
//! Bodies of functions (blocks, locals, inlined calls) and
//! functions without code, three quarters of all entries, are skipped unread.

mod attributes;
mod function;
mod tags;

use super::error::Error;
use super::record::{Node, RawName};
use super::record::{
    NodeKind, RawFunction, RawMember, RawParameter, RawVariable, RawVariant, NONE,
};
use super::sections::{Sections, Slice};
use attributes::Attributes;
use gimli::constants as dw;
use gimli::{AbbreviationsCacheStrategy, Dwarf, Section as _, Unit};
use tags::{is_wanted, kind_of};

/// All records of one object.
pub struct Scan<'a> {
    pub dwarf: Dwarf<Slice<'a>>,
    pub units: Vec<Unit<Slice<'a>>>,
    pub nodes: Vec<Node<'a>>,
    /// In order of their owner.
    pub members: Vec<RawMember<'a>>,
    /// In order of their owner.
    pub variants: Vec<RawVariant<'a>>,
    pub functions: Vec<RawFunction<'a>>,
    /// Offset and enclosing scope of every function entry, by offset.
    pub scopes: Vec<(usize, u32)>,
    /// In order of their owner.
    pub parameters: Vec<RawParameter>,
    pub variables: Vec<RawVariable<'a>>,
}

impl Scan<'_> {
    /// See [`super::DebugTables::untyped`].
    pub fn is_untyped(&self) -> bool {
        !self.functions.is_empty()
            && self
                .nodes
                .iter()
                .all(|node| node.kind == NodeKind::Namespace)
    }
}

/// What encloses an entry.
#[derive(Debug, Clone, Copy)]
enum Frame {
    /// The unit (`NONE`), a namespace or a type.
    Scope(u32),
    /// Of the type with this index.
    VariantPart(u32),
    /// Of the type with this index, the variant with that one.
    Variant(u32, u32),
    Function(u32, u32),
    /// Inside of a function's blocks; the scope is kept for types that stand there.
    Body(u32),
}

impl Frame {
    fn scope(self) -> u32 {
        match self {
            Frame::Scope(scope) | Frame::VariantPart(scope) | Frame::Variant(scope, _) => scope,
            Frame::Function(scope, _) | Frame::Body(scope) => scope,
        }
    }

    fn in_function(self) -> bool {
        matches!(self, Frame::Function(..) | Frame::Body(_))
    }
}

/// # Errors
/// [`Error::Split`] for a skeleton unit, [`Error::Malformed`] for entries that cannot be read.
pub fn scan<'a>(sections: &'a Sections<'_>) -> Result<Scan<'a>, Error> {
    let mut dwarf = sections.dwarf();
    read_abbreviations(&mut dwarf)?;
    let mut scan = Scan {
        units: Vec::new(),
        nodes: Vec::new(),
        members: Vec::new(),
        variants: Vec::new(),
        functions: Vec::new(),
        scopes: Vec::new(),
        parameters: Vec::new(),
        variables: Vec::new(),
        dwarf,
    };
    let mut headers = scan.dwarf.units();
    while let Some(header) = headers.next()? {
        let unit = scan.dwarf.unit(header)?;
        if unit.dwo_name()?.is_some() {
            return Err(Error::Split);
        }
        scan.unit(&unit)?;
        scan.units.push(unit);
    }
    if scan.units.is_empty() {
        return Err(Error::NoDebugInfo);
    }
    // Nested types stand between the members of the outer one.
    scan.members.sort_by_key(|member| member.owner);
    scan.variants_in_order()?;
    Ok(scan)
}

/// Tables of abbreviations reach to their own end at best, to that of the section at worst; LLVM writes one for all
/// units of an object. Damaged units can ask for another at every byte.
const ABBREVIATIONS: usize = 256 << 20;

/// Reads what several units share once.
fn read_abbreviations(dwarf: &mut Dwarf<Slice<'_>>) -> Result<(), Error> {
    let mut tables = Vec::new();
    let mut headers = dwarf.units();
    while let Some(header) = headers.next()? {
        tables.push(header.debug_abbrev_offset().0);
    }
    tables.sort_unstable();
    tables.dedup();
    let size = dwarf.debug_abbrev.reader().len();
    let reached = tables.iter().map(|start| size.saturating_sub(*start));
    if reached.fold(0, usize::saturating_add) > ABBREVIATIONS {
        return Err(Error::malformed("too many tables of abbreviations"));
    }
    dwarf.populate_abbreviations_cache(AbbreviationsCacheStrategy::Duplicates);
    Ok(())
}

fn index(length: usize) -> Result<u32, Error> {
    u32::try_from(length)
        .ok()
        .filter(|index| *index != NONE)
        .ok_or_else(|| Error::malformed("too many entries"))
}

impl<'a> Scan<'a> {
    fn unit(&mut self, unit: &Unit<Slice<'a>>) -> Result<(), Error> {
        let unit_index = index(self.units.len())?;
        let base = unit.header.debug_info_offset().map_or(0, |offset| offset.0);
        let mut entries = unit.entries_raw(None)?;
        let mut stack: Vec<Frame> = Vec::new();
        while !entries.is_empty() {
            let offset = base + entries.next_offset().0;
            let depth = usize::try_from(entries.next_depth()).unwrap_or(0);
            let Some(abbreviation) = entries.read_abbreviation()? else {
                continue;
            };
            stack.truncate(depth);
            let parent = stack.last().copied().unwrap_or(Frame::Scope(NONE));
            let specs = abbreviation.attributes();
            if abbreviation.tag() == dw::DW_TAG_subprogram {
                self.scopes.push((offset, parent.scope()));
            }
            let frame = if is_wanted(abbreviation, parent) {
                let attributes = Attributes::read(&mut entries, specs, &self.dwarf, unit, base)?;
                self.entry(abbreviation.tag(), parent, offset, unit_index, &attributes)?
            } else {
                entries.skip_attributes(specs)?;
                if parent.in_function() || abbreviation.tag() == dw::DW_TAG_subprogram {
                    Frame::Body(parent.scope())
                } else {
                    parent
                }
            };
            if abbreviation.has_children() {
                stack.push(frame);
            }
        }
        Ok(())
    }

    /// Writes down one entry; gives what it is to its children.
    fn entry(
        &mut self,
        tag: gimli::DwTag,
        parent: Frame,
        offset: usize,
        unit: u32,
        attributes: &Attributes<'a>,
    ) -> Result<Frame, Error> {
        let scope = parent.scope();
        match tag {
            dw::DW_TAG_member => {
                let (variant, is_discriminant) = match parent {
                    Frame::Variant(_, variant) => (variant, false),
                    Frame::VariantPart(_) => (NONE, true),
                    _ => (NONE, false),
                };
                self.members.push(RawMember {
                    owner: scope,
                    variant,
                    is_discriminant,
                    name: attributes.name,
                    offset: attributes.member_offset,
                    align: attributes.align,
                    target: attributes.target,
                });
                Ok(parent)
            }
            dw::DW_TAG_variant_part => Ok(Frame::VariantPart(scope)),
            dw::DW_TAG_variant | dw::DW_TAG_enumerator => {
                let variant = index(self.variants.len())?;
                self.variants.push(RawVariant {
                    owner: scope,
                    name: attributes.name,
                    value: attributes.value,
                });
                Ok(Frame::Variant(scope, variant))
            }
            dw::DW_TAG_subrange_type => {
                if let Some(array) = self
                    .nodes
                    .get_mut(scope as usize)
                    .filter(|node| node.kind == NodeKind::Array)
                {
                    array.count = attributes.count;
                }
                Ok(parent)
            }
            dw::DW_TAG_subprogram => {
                let function = index(self.functions.len())?;
                self.functions
                    .push(function::record(unit, scope, attributes));
                Ok(Frame::Function(scope, function))
            }
            dw::DW_TAG_formal_parameter | dw::DW_TAG_template_type_parameter => {
                if let Frame::Function(_, owner) = parent {
                    self.parameters.push(RawParameter {
                        owner,
                        target: attributes.target,
                        is_type_argument: tag == dw::DW_TAG_template_type_parameter,
                    });
                }
                Ok(parent)
            }
            dw::DW_TAG_variable => {
                self.variables.push(RawVariable {
                    unit,
                    scope,
                    linkage_name: attributes.linkage_name,
                    name: attributes.name,
                    target: attributes.target,
                    operand: attributes.operand,
                    file: attributes.file,
                    line: attributes.line,
                });
                Ok(parent)
            }
            _ => {
                let node = index(self.nodes.len())?;
                self.nodes.push(Node {
                    offset,
                    parent: scope,
                    kind: kind_of(tag),
                    name: attributes.name,
                    size: attributes.size,
                    align: attributes.align,
                    target: attributes.containing.or(attributes.target),
                    count: None,
                    is_declaration: attributes.is_declaration,
                    is_subroutine: tag == dw::DW_TAG_subroutine_type,
                });
                Ok(Frame::Scope(node))
            }
        }
    }

    /// Brings variants into the order of their owners, and the members' links to them with it.
    fn variants_in_order(&mut self) -> Result<(), Error> {
        let mut order: Vec<u32> = (0..index(self.variants.len())?).collect();
        let owner = |at: &u32| {
            self.variants
                .get(*at as usize)
                .map_or(NONE, |variant| variant.owner)
        };
        if order.is_sorted_by_key(owner) {
            return Ok(());
        }
        order.sort_by_key(owner);
        let mut place = vec![NONE; order.len()];
        let mut sorted = Vec::with_capacity(order.len());
        for (new, old) in order.iter().enumerate() {
            if let (Some(slot), Some(variant)) = (
                place.get_mut(*old as usize),
                self.variants.get(*old as usize),
            ) {
                *slot = index(new)?;
                sorted.push(*variant);
            }
        }
        self.variants = sorted;
        for member in &mut self.members {
            member.variant = place.get(member.variant as usize).copied().unwrap_or(NONE);
        }
        Ok(())
    }
}

/// The text of a name; empty for [`RawName::None`].
pub fn text<'a>(name: RawName<'a>, dwarf: &Dwarf<Slice<'a>>) -> Result<&'a str, Error> {
    let bytes = match name {
        RawName::None => return Ok(""),
        RawName::Text(bytes) => bytes,
        RawName::Offset(offset) => dwarf.string(gimli::DebugStrOffset(offset))?,
    };
    std::str::from_utf8(bytes.slice()).map_err(|_| Error::malformed("a name is not UTF-8"))
}
