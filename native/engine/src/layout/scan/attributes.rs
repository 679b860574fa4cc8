//! The attributes of one entry that the tables ask for.

use super::super::error::Error;
use super::super::record::RawName;
use super::super::sections::{Operand, Slice};
use gimli::constants as dw;
use gimli::{
    AttributeSpecification, AttributeValue, Dwarf, EntriesRaw, Section as _, SectionId, Unit,
};

#[derive(Default)]
pub struct Attributes<'a> {
    pub name: RawName<'a>,
    pub linkage_name: RawName<'a>,
    pub size: Option<u64>,
    pub align: u64,
    pub target: Option<usize>,
    pub containing: Option<usize>,
    pub origin: Option<usize>,
    pub member_offset: u64,
    pub value: Option<i128>,
    pub count: Option<u64>,
    pub operand: Option<Operand>,
    pub is_declaration: bool,
    pub is_noreturn: bool,
    pub is_external: bool,
    pub file: u64,
    pub line: u64,
}

impl<'a> Attributes<'a> {
    /// Reads the attributes of the entry at hand; `base` is the unit's place in `.debug_info`.
    pub fn read(
        entries: &mut EntriesRaw<'_, Slice<'a>>,
        specs: &[AttributeSpecification],
        dwarf: &Dwarf<Slice<'a>>,
        unit: &Unit<Slice<'a>>,
        base: usize,
    ) -> Result<Self, Error> {
        let mut read = Attributes::default();
        for spec in specs {
            if !is_wanted(spec.name()) {
                entries.skip_attributes(std::slice::from_ref(spec))?;
                continue;
            }
            let attribute = entries.read_attribute_inline(*spec)?;
            let value = attribute.value();
            match spec.name() {
                dw::DW_AT_name => read.name = name(value, dwarf, unit)?,
                dw::DW_AT_linkage_name | dw::DW_AT_MIPS_linkage_name => {
                    read.linkage_name = name(value, dwarf, unit)?
                }
                dw::DW_AT_byte_size => read.size = attribute.udata_value(),
                dw::DW_AT_alignment => read.align = attribute.udata_value().unwrap_or(0),
                dw::DW_AT_type => read.target = reference(value, base),
                dw::DW_AT_containing_type => read.containing = reference(value, base),
                dw::DW_AT_specification | dw::DW_AT_abstract_origin => {
                    read.origin = reference(value, base)
                }
                dw::DW_AT_data_member_location => {
                    read.member_offset = attribute
                        .udata_value()
                        .ok_or_else(|| Error::malformed("a member without a fixed offset"))?;
                }
                dw::DW_AT_discr_value | dw::DW_AT_const_value => read.value = number(value),
                dw::DW_AT_count => read.count = attribute.udata_value(),
                // An array of no elements has the upper bound -1.
                dw::DW_AT_upper_bound => {
                    read.count = attribute
                        .sdata_value()
                        .and_then(|bound| u64::try_from(bound.checked_add(1)?).ok());
                }
                dw::DW_AT_location => read.operand = operand(value, dwarf, unit),
                dw::DW_AT_declaration => read.is_declaration = true,
                dw::DW_AT_noreturn => read.is_noreturn = true,
                dw::DW_AT_external => read.is_external = true,
                dw::DW_AT_decl_file => {
                    read.file = match value {
                        AttributeValue::FileIndex(file) => file,
                        _ => attribute.udata_value().unwrap_or(0),
                    };
                }
                dw::DW_AT_decl_line => read.line = attribute.udata_value().unwrap_or(0),
                _ => {}
            }
        }
        Ok(read)
    }
}

fn is_wanted(name: gimli::DwAt) -> bool {
    matches!(
        name,
        dw::DW_AT_name
            | dw::DW_AT_linkage_name
            | dw::DW_AT_MIPS_linkage_name
            | dw::DW_AT_byte_size
            | dw::DW_AT_alignment
            | dw::DW_AT_type
            | dw::DW_AT_containing_type
            | dw::DW_AT_specification
            | dw::DW_AT_abstract_origin
            | dw::DW_AT_data_member_location
            | dw::DW_AT_discr_value
            | dw::DW_AT_const_value
            | dw::DW_AT_count
            | dw::DW_AT_upper_bound
            | dw::DW_AT_location
            | dw::DW_AT_declaration
            | dw::DW_AT_noreturn
            | dw::DW_AT_external
            | dw::DW_AT_decl_file
            | dw::DW_AT_decl_line
    )
}

fn name<'a>(
    value: AttributeValue<Slice<'a>>,
    dwarf: &Dwarf<Slice<'a>>,
    unit: &Unit<Slice<'a>>,
) -> Result<RawName<'a>, Error> {
    Ok(match value {
        AttributeValue::DebugStrRef(offset) => RawName::Offset(offset.0),
        AttributeValue::DebugStrOffsetsIndex(index) => {
            RawName::Offset(dwarf.string_offset(unit, index)?.0)
        }
        _ => RawName::Text(dwarf.attr_string(unit, value)?),
    })
}

fn reference(value: AttributeValue<Slice<'_>>, base: usize) -> Option<usize> {
    match value {
        AttributeValue::UnitRef(offset) => base.checked_add(offset.0),
        // Between the units that link-time optimization merges into one object.
        AttributeValue::DebugInfoRef(offset) => Some(offset.0),
        _ => None,
    }
}

fn number(value: AttributeValue<Slice<'_>>) -> Option<i128> {
    match value {
        AttributeValue::Block(bytes) => {
            let mut wide = [0; 16];
            let bytes = bytes.slice();
            wide.get_mut(..bytes.len())?.copy_from_slice(bytes);
            Some(i128::from_le_bytes(wide))
        }
        AttributeValue::Sdata(value) => Some(i128::from(value)),
        _ => value.udata_value().map(i128::from),
    }
}

/// Where the address in a location stands: the operand of a `DW_OP_addr`, or the slot of a `DW_OP_addrx` in
/// `.debug_addr`. Thread-locals and everything else have no fixed place.
fn operand<'a>(
    value: AttributeValue<Slice<'a>>,
    dwarf: &Dwarf<Slice<'a>>,
    unit: &Unit<Slice<'a>>,
) -> Option<Operand> {
    let AttributeValue::Exprloc(expression) = value else {
        return None;
    };
    let bytes = expression.0;
    match bytes.slice() {
        [opcode, address @ ..] if *opcode == dw::DW_OP_addr.0 && address.len() == 8 => {
            let info = dwarf.debug_info.reader();
            Some(Operand {
                section: SectionId::DebugInfo,
                offset: bytes.offset_from(*info).checked_add(1)?,
            })
        }
        [opcode, ..] if *opcode == dw::DW_OP_addrx.0 => {
            let mut index = bytes;
            gimli::Reader::skip(&mut index, 1).ok()?;
            let index = usize::try_from(gimli::Reader::read_uleb128(&mut index).ok()?).ok()?;
            let offset = index.checked_mul(8)?.checked_add(unit.addr_base.0)?;
            Some(Operand {
                section: SectionId::DebugAddr,
                offset,
            })
        }
        _ => None,
    }
}
