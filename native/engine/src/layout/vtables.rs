//! The vtables that a unit holds.
//!
//! rustc describes each as a variable `<app::Sq as app::Shape>::{vtable}` (the trait is `_` when the object has auto
//! traits only) whose type has a member per entry, and whose location is the address of the anonymous constant.

use super::error::Error;
use super::groups::Groups;
use super::record::RawVariable;
use super::resolve::Resolver;
use super::scan::{self, Scan};
use super::sections::Sections;
use serde::{Deserialize, Serialize};

/// Where the vtable's data lies in the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataPlace {
    /// Index in the section table.
    pub section: usize,
    /// Bytes from the section's start.
    pub offset: u64,
}

/// One vtable: a drop entry (null when nothing is to be dropped), size, alignment, then methods and supertraits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vtable {
    /// `app::Sq`
    pub type_name: String,
    /// `app::Shape`; `None` for an object type of auto traits only, like `dyn Send`.
    pub trait_name: Option<String>,
    /// `None` when the optimizer has dropped the data.
    pub place: Option<DataPlace>,
    /// Words, the first three included, and places left empty for methods that an object cannot have.
    pub slots: u32,
    /// Bytes.
    pub size: u64,
    /// Name and byte offset of each entry: `drop_in_place`, `size`, `align`, `__method3`, `__super_trait_ptr4`.
    pub entries: Vec<(String, u64)>,
}

/// The vtables of one unit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VtableTable {
    pub vtables: Vec<Vtable>,
}

impl VtableTable {
    /// All vtables of `type_name` for `trait_name`; more than one only where two types share a name.
    pub fn find<'t>(
        &'t self,
        type_name: &'t str,
        trait_name: Option<&'t str>,
    ) -> impl Iterator<Item = &'t Vtable> {
        self.vtables.iter().filter(move |vtable| {
            vtable.type_name == type_name && vtable.trait_name.as_deref() == trait_name
        })
    }

    /// The same with types called otherwise.
    pub(super) fn renamed(&self, rename: &dyn Fn(&str) -> Option<String>) -> VtableTable {
        let mut table = self.clone();
        for vtable in &mut table.vtables {
            if let Some(name) = rename(&vtable.type_name) {
                vtable.type_name = name;
            }
            if let Some(name) = vtable.trait_name.as_deref().and_then(rename) {
                vtable.trait_name = Some(name);
            }
        }
        table
    }

    /// The vtable whose data is at this place.
    pub fn at(&self, section: usize, offset: u64) -> Option<&Vtable> {
        self.vtables
            .iter()
            .find(|vtable| vtable.place == Some(DataPlace { section, offset }))
    }
}

pub(super) fn build<'a>(
    scan: &Scan<'a>,
    sections: &Sections<'_>,
    names: &mut Resolver<'_, 'a>,
) -> Result<VtableTable, Error> {
    let members = Groups::new(
        scan.nodes.len(),
        scan.members.iter().map(|member| member.owner),
    );
    let mut table = VtableTable::default();
    for variable in scan
        .variables
        .iter()
        .filter(|variable| variable.linkage_name.is_none())
    {
        let name = scan::text(variable.name, &scan.dwarf)?;
        let Some(path) = name.strip_suffix("::{vtable}") else {
            continue;
        };
        let Some((type_name, trait_name)) = split(path) else {
            continue;
        };
        let Some((index, node)) = variable.target.and_then(|target| names.find(target)) else {
            continue;
        };
        let size = node.size.unwrap_or(0);
        let mut entries = Vec::new();
        for member in scan.members.get(members.of(index)).unwrap_or_default() {
            entries.push((
                scan::text(member.name, &scan.dwarf)?.to_owned(),
                member.offset,
            ));
        }
        table.vtables.push(Vtable {
            type_name: type_name.to_owned(),
            trait_name: Some(trait_name)
                .filter(|name| *name != "_")
                .map(str::to_owned),
            place: place(variable, sections),
            slots: u32::try_from(size / 8)
                .map_err(|_| Error::malformed("a vtable of impossible size"))?,
            size,
            entries,
        });
    }
    Ok(table)
}

fn place(variable: &RawVariable<'_>, sections: &Sections<'_>) -> Option<DataPlace> {
    let (section, offset) = sections.place(variable.operand?)?;
    Some(DataPlace {
        section: section.0,
        offset,
    })
}

/// `app::Sq` and `app::Shape` of `<app::Sq as app::Shape>`. Generic arguments may hold an ` as ` of their own, so only
/// the one outside of all inner brackets counts; the `>` of an arrow (`fn() -> u32`) closes no bracket.
pub fn split(path: &str) -> Option<(&str, &str)> {
    let inner = path.strip_prefix('<')?.strip_suffix('>')?;
    let bytes = inner.as_bytes();
    let mut depth = 0usize;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'<' | b'(' | b'[' => depth += 1,
            b'>' if at > 0 && bytes.get(at - 1) == Some(&b'-') => {}
            b'>' | b')' | b']' => depth = depth.saturating_sub(1),
            b' ' if depth == 0 => {
                if let Some(trait_name) = inner.get(at..).and_then(|rest| rest.strip_prefix(" as "))
                {
                    return Some((inner.get(..at)?, trait_name));
                }
            }
            _ => {}
        }
    }
    None
}
