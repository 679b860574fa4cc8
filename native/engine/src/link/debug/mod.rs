//! `.debug_*` of a patch: the debug sections of the objects that its functions come from, one after another, bound to
//! the addresses in the patch.
//!
//! Every unit of an object is kept whole; what it says about functions that are not in the patch is made to point
//! nowhere (a tombstone), as linkers do with `--gc-sections`. Nothing is parsed: DWARF in objects is made so that
//! concatenation and relocation are all it takes.
mod error;
mod relocate;
mod section;
mod target;

pub use error::{Error, Problem};

use crate::format::Elf;
use crate::link::elf::NamedSection;
use object::elf::SHF_EXECINSTR;
use object::read::elf::SectionHeader;
use object::{LittleEndian, SectionIndex};
use section::Kind;

/// An object and the addresses that its sections got.
#[derive(Clone, Copy)]
pub struct Contribution<'a, 'data> {
    pub elf: &'a Elf<'data>,
    /// For refusals: the unit's name.
    pub name: &'a str,
    /// Address in the image of a section's first byte; for a section of thread-locals its offset in the TLS block.
    /// A datum that stays in the host is `host address - distance`, wrapping. `None` for what is not in the patch.
    pub address: &'a dyn Fn(SectionIndex) -> Option<u64>,
}

/// The debug sections of a patch, each only if some object has it.
pub fn collect(contributions: &[Contribution<'_, '_>]) -> Result<Vec<NamedSection>, Error> {
    let mut outputs = section::Outputs::default();
    // Relocations against debug sections need every contribution's place, so all bytes come first.
    let mut inputs = Vec::new();
    for contribution in contributions {
        inputs.push(outputs.append(contribution)?);
    }
    for (contribution, input) in contributions.iter().zip(&inputs) {
        relocate::relocate(contribution, input, &mut outputs)?;
    }
    Ok(outputs.finish())
}

/// How far the functions that an object has and the patch has not seem to reach: one past the size of the largest.
///
/// To a debug reader they lie at address 0. gdb leaves such functions out; the readers behind Rust's backtraces cannot
/// tell them from code at 0 (`gimli`, `RngListIter`: "0/1 may be a valid address") and would name them for addresses
/// below their size. So the image's code must start above this: see `ImageSpec::text_floor`.
pub fn reach(elf: &Elf<'_>, in_patch: impl Fn(SectionIndex) -> bool) -> u64 {
    let sections = elf.elf_section_table().enumerate();
    let dropped = sections.filter(|(index, section)| {
        section.sh_flags(LittleEndian).contains(SHF_EXECINSTR) && !in_patch(*index)
    });
    let sizes = dropped.map(|(_, section)| {
        section
            .sh_size(LittleEndian)
            .saturating_add(Kind::MAX_TOMBSTONE)
    });
    sizes.max().unwrap_or(0)
}
