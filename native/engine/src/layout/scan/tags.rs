//! Which entries are written down, and as what.

use super::super::record::NodeKind;
use super::Frame;
use gimli::constants as dw;

/// Whether some table asks for an entry with this tag at this place.
pub fn is_wanted(abbreviation: &gimli::Abbreviation, parent: Frame) -> bool {
    let tag = abbreviation.tag();
    match tag {
        // The others are read when a function with code refers to them.
        dw::DW_TAG_subprogram => {
            let specs = abbreviation.attributes();
            specs
                .iter()
                .any(|spec| matches!(spec.name(), dw::DW_AT_low_pc | dw::DW_AT_ranges))
        }
        dw::DW_TAG_formal_parameter | dw::DW_TAG_template_type_parameter => {
            matches!(parent, Frame::Function(..))
        }
        dw::DW_TAG_variable => !parent.in_function(),
        dw::DW_TAG_member
        | dw::DW_TAG_variant_part
        | dw::DW_TAG_variant
        | dw::DW_TAG_enumerator => true,
        dw::DW_TAG_subrange_type | dw::DW_TAG_namespace => true,
        _ => kind_of(tag) != NodeKind::Other || is_plain_type(tag),
    }
}

fn is_plain_type(tag: gimli::DwTag) -> bool {
    matches!(
        tag,
        dw::DW_TAG_subroutine_type
            | dw::DW_TAG_typedef
            | dw::DW_TAG_const_type
            | dw::DW_TAG_volatile_type
            | dw::DW_TAG_restrict_type
            | dw::DW_TAG_atomic_type
            | dw::DW_TAG_unspecified_type
            | dw::DW_TAG_reference_type
            | dw::DW_TAG_rvalue_reference_type
            | dw::DW_TAG_ptr_to_member_type
            | dw::DW_TAG_string_type
    )
}

pub fn kind_of(tag: gimli::DwTag) -> NodeKind {
    match tag {
        dw::DW_TAG_namespace | dw::DW_TAG_module => NodeKind::Namespace,
        dw::DW_TAG_structure_type | dw::DW_TAG_class_type => NodeKind::Struct,
        dw::DW_TAG_union_type => NodeKind::Union,
        dw::DW_TAG_enumeration_type => NodeKind::Enumeration,
        dw::DW_TAG_base_type => NodeKind::Base,
        dw::DW_TAG_pointer_type => NodeKind::Pointer,
        dw::DW_TAG_array_type => NodeKind::Array,
        _ => NodeKind::Other,
    }
}
