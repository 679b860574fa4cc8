//! What the scan notes down: flat lists in the order of the entries, tied together by indexes and by offsets.
//!
//! An *offset* is a place in `.debug_info`, the identity of an entry; type references are offsets until the resolver
//! looks them up, since most are never asked for.

use super::sections::{Operand, Slice};

/// "No such index" in the `u32` links below.
pub const NONE: u32 = u32::MAX;

/// A name as the entry holds it; `.debug_str` offsets are kept, because equal names share one.
#[derive(Debug, Clone, Copy, Default)]
pub enum RawName<'a> {
    #[default]
    None,
    Offset(usize),
    Text(Slice<'a>),
}

impl RawName<'_> {
    pub fn is_none(self) -> bool {
        matches!(self, RawName::None)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeKind {
    Namespace,
    Struct,
    Union,
    /// An enum without fields.
    Enumeration,
    Base,
    Pointer,
    Array,
    /// Whatever else can be referred to as a type: it goes by its name, or by its target's.
    Other,
}

impl NodeKind {
    /// Whether the table lists it; everything else is only ever part of a member's type name.
    pub fn has_layout(self) -> bool {
        matches!(
            self,
            NodeKind::Struct | NodeKind::Union | NodeKind::Enumeration
        )
    }
}

/// A namespace or a type.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    pub offset: usize,
    /// The enclosing namespace or type, an index of nodes.
    pub parent: u32,
    pub kind: NodeKind,
    pub name: RawName<'a>,
    /// Bytes; `None` where the entry does not say.
    pub size: Option<u64>,
    /// Bytes; 0 where the entry does not say.
    pub align: u64,
    /// Element, pointee or representation type; of a vtable's type, the concrete type.
    pub target: Option<usize>,
    /// Length of an array; `None` when it is not known.
    pub count: Option<u64>,
    pub is_declaration: bool,
    /// What a function pointer points to.
    pub is_subroutine: bool,
}

/// A field, or a variant's payload, or (`is_discriminant`) the tag of an enum.
#[derive(Debug, Clone, Copy)]
pub struct RawMember<'a> {
    pub owner: u32,
    /// Index of variants when this is the variant's payload.
    pub variant: u32,
    pub is_discriminant: bool,
    pub name: RawName<'a>,
    pub offset: u64,
    /// Bytes, of the member's type; 0 where the entry does not say.
    pub align: u64,
    pub target: Option<usize>,
}

/// A variant of an enum or of a coroutine, or an enumerator.
#[derive(Debug, Clone, Copy)]
pub struct RawVariant<'a> {
    pub owner: u32,
    /// Enumerators only: a variant's name is that of its payload member.
    pub name: RawName<'a>,
    /// `None` for the variant that all other tag values mean (a niche's).
    pub value: Option<i128>,
}

/// A function that has code here, or the declaration or abstract instance that such a one refers to.
#[derive(Debug, Clone, Copy)]
pub struct RawFunction<'a> {
    pub unit: u32,
    pub linkage_name: RawName<'a>,
    pub name: RawName<'a>,
    /// The entry that this one completes: `DW_AT_specification` or `DW_AT_abstract_origin`.
    pub origin: Option<usize>,
    /// The enclosing namespace or type of the entry that describes it in full, an index of nodes.
    pub scope: u32,
    pub result: Option<usize>,
    pub is_noreturn: bool,
    pub is_external: bool,
    pub file: u64,
    pub line: u64,
}

/// A parameter of a function, or one of its type arguments.
#[derive(Debug, Clone, Copy)]
pub struct RawParameter {
    /// An index of functions.
    pub owner: u32,
    pub target: Option<usize>,
    pub is_type_argument: bool,
}

/// A variable outside of any function body: a static or a vtable.
#[derive(Debug, Clone, Copy)]
pub struct RawVariable<'a> {
    pub unit: u32,
    /// The enclosing namespace, an index of nodes.
    pub scope: u32,
    pub linkage_name: RawName<'a>,
    pub name: RawName<'a>,
    pub target: Option<usize>,
    /// Where its address is written, if it has a fixed one.
    pub operand: Option<Operand>,
    pub file: u64,
    pub line: u64,
}
