//! Applies the relocations of an object's debug sections. S is the symbol's value, A the addend, T the section's
//! tombstone.
//!
//! - `R_X86_64_64` (word64): `S + A`, or T if S is not in the patch.
//! - `R_X86_64_32` (word32): `S + A`, an offset in a debug section; it must fit 32 unsigned bits. T likewise.
//! - `R_X86_64_DTPOFF64` (word64), `R_X86_64_DTPOFF32` (word32): `S + A`, with S the offset in the TLS block.
//! - `R_X86_64_NONE`: nothing.
//!
//! S is given for sections of thread-locals as offset in their block, so the formulas are one (psABI table 4.9).
use super::error::{Error, Problem};
use super::section::{Outputs, Piece};
use super::target::{targets, Target};
use super::Contribution;
use object::elf::{
    Rela64, R_X86_64_32, R_X86_64_64, R_X86_64_DTPOFF32, R_X86_64_DTPOFF64, R_X86_64_NONE,
};
use object::read::elf::SectionHeader;
use object::LittleEndian;
use rustc_hash::FxHashMap;

pub(super) fn relocate(
    contribution: &Contribution<'_, '_>,
    pieces: &[Piece],
    outputs: &mut Outputs,
) -> Result<(), Error> {
    let elf = contribution.elf;
    let targets = targets(contribution, pieces);
    let pieces: FxHashMap<usize, &Piece> = pieces.iter().map(|p| (p.section.0, p)).collect();
    for header in elf.elf_section_table().iter() {
        let place = header.sh_info(LittleEndian) as usize;
        let Some(&piece) = pieces.get(&place) else {
            continue;
        };
        let fail = |problem| contribution.error(piece.kind, problem);
        let entries = header
            .rela(LittleEndian, elf.data())
            .map_err(|_| fail(Problem::Unreadable))?;
        if let Some((entries, _)) = entries {
            let addresses = apply(
                outputs.piece(piece),
                entries,
                &targets,
                piece.kind.tombstone(),
            )
            .map_err(fail)?;
            outputs.note_addresses(piece, &addresses);
        }
    }
    Ok(())
}

/// Gives the places, in the piece, of the words that are addresses.
fn apply(
    bytes: &mut [u8],
    entries: &[Rela64<LittleEndian>],
    targets: &[Target],
    tombstone: u64,
) -> Result<Vec<u64>, Problem> {
    let mut addresses = Vec::new();
    for entry in entries {
        let offset = entry.r_offset.get(LittleEndian);
        let kind = entry.r_type(LittleEndian, false);
        let addend = entry.r_addend.get(LittleEndian);
        let (value, is_address) = match targets.get(entry.r_sym(LittleEndian, false) as usize) {
            Some(Target::Address(value)) => (value.wrapping_add_signed(addend), true),
            Some(Target::Value(value)) => (value.wrapping_add_signed(addend), false),
            Some(Target::Dropped) => (tombstone, false),
            None => return Err(Problem::Relocation { offset }),
        };
        let written = match kind {
            R_X86_64_64 | R_X86_64_DTPOFF64 => put(bytes, offset, value.to_le_bytes()),
            R_X86_64_32 | R_X86_64_DTPOFF32 => {
                let value = u32::try_from(value).map_err(|_| Problem::Overflow { offset })?;
                put(bytes, offset, value.to_le_bytes())
            }
            R_X86_64_NONE => Some(()),
            _ => {
                return Err(Problem::Kind {
                    offset,
                    kind: kind.0,
                })
            }
        };
        written.ok_or(Problem::Relocation { offset })?;
        if is_address && kind == R_X86_64_64 {
            addresses.push(offset);
        }
    }
    Ok(addresses)
}

fn put<const N: usize>(bytes: &mut [u8], offset: u64, value: [u8; N]) -> Option<()> {
    let start = usize::try_from(offset).ok()?;
    let field = bytes.get_mut(start..)?.first_chunk_mut::<N>()?;
    *field = value;
    Some(())
}
