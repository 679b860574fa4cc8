//! Applies the relocations of a patch, psABI table 4.9 and the relaxations of "ELF Handling for Thread-Local Storage".
//!
//! A is the addend, P the address of the field, S the address of what the symbol means, all in the patch's own address
//! space (first byte 0). Something in the host at live address L has S = L - distance.

use super::elf::{DynamicKind, DynamicRelocation, Layout};
use super::graph::{BlockId, Graph};
use super::resolve::Place;
use super::tables::{Slot, Tables};
use crate::format::unit::{Kind, Relocation};
use crate::reason::{demangled, Reason};
use object::elf;

/// Functions of a patch take multiples of this many bytes.
pub const ROOM: u64 = 16;

/// How a field is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    None,
    /// `R_X86_64_64`: S + A, at load time.
    Absolute64,
    /// `R_X86_64_PC32`, `R_X86_64_PLT32`: S + A - P; an import is reached through its jump slot.
    Relative32,
    /// `R_X86_64_PC64`: S + A - P.
    Relative64,
    /// `R_X86_64_GOTPCREL`, `GOTPCRELX`, `REX_GOTPCRELX`: slot + A - P.
    SlotRelative32,
    /// `R_X86_64_GOTTPOFF`: slot + A - P, the slot holding the offset from the thread pointer.
    ThreadSlotRelative32,
    /// `R_X86_64_TPOFF32`, `R_X86_64_DTPOFF32` behind a relaxed `TLSLD`: offset from the thread pointer + A.
    ThreadOffset32,
    /// `R_X86_64_TLSGD`: the sequence becomes local-exec.
    GeneralDynamic,
    /// `R_X86_64_TLSLD`: likewise.
    LocalDynamic,
}

pub fn form(kind: u32) -> Option<Form> {
    let is = |r: elf::RelocationType| r.0 == kind;
    Some(match () {
        () if is(elf::R_X86_64_NONE) => Form::None,
        () if is(elf::R_X86_64_64) => Form::Absolute64,
        () if is(elf::R_X86_64_PC32) || is(elf::R_X86_64_PLT32) => Form::Relative32,
        () if is(elf::R_X86_64_PC64) => Form::Relative64,
        () if is(elf::R_X86_64_GOTPCREL)
            || is(elf::R_X86_64_GOTPCRELX)
            || is(elf::R_X86_64_REX_GOTPCRELX) =>
        {
            Form::SlotRelative32
        }
        () if is(elf::R_X86_64_GOTTPOFF) => Form::ThreadSlotRelative32,
        () if is(elf::R_X86_64_TPOFF32) || is(elf::R_X86_64_DTPOFF32) => Form::ThreadOffset32,
        () if is(elf::R_X86_64_TLSGD) => Form::GeneralDynamic,
        () if is(elf::R_X86_64_TLSLD) => Form::LocalDynamic,
        () => return None,
    })
}

pub struct Addresses<'l> {
    pub layout: &'l Layout,
    /// Live address of the patch's first byte.
    pub distance: i64,
    /// Offset from the thread pointer of this patch's thread-locals.
    pub thread: i64,
    /// Address of their initial contents.
    pub tls: u64,
}

impl Addresses<'_> {
    fn block(&self, block: BlockId) -> Option<i64> {
        self.layout.block(block).map(|a| a as i64)
    }

    pub fn live(&self, block: BlockId) -> Option<i64> {
        self.block(block)?.checked_add(self.distance)
    }

    /// S of a place that is not an import.
    fn of(&self, place: &Place) -> Option<i64> {
        match place {
            Place::Block { block, offset } => self.block(*block)?.checked_add(*offset),
            Place::Live(address) => address.checked_sub(self.distance),
            _ => None,
        }
    }

    pub fn thread_offset(&self, block: BlockId, offset: i64) -> Option<i64> {
        let within = self.block(block)?.checked_sub(self.tls as i64)?;
        self.thread.checked_add(within)?.checked_add(offset)
    }

    fn thread(&self, place: &Place) -> Option<i64> {
        match place {
            Place::ThreadLive(offset) => Some(*offset),
            Place::ThreadBlock { block, offset } => self.thread_offset(*block, *offset),
            _ => None,
        }
    }
}

#[derive(Default)]
pub struct Relocated {
    pub blocks: Vec<Vec<u8>>,
    pub dynamic: Vec<DynamicRelocation>,
}

/// Relocated bytes of all blocks, jump slots and address slots, in the order of the image's blocks.
pub fn relocate(
    graph: &Graph,
    tables: &Tables,
    addresses: &Addresses<'_>,
) -> Result<Relocated, Vec<Reason>> {
    let mut out = Relocated::default();
    let mut reasons = Vec::new();
    let slots = Slots {
        first: graph.blocks.len(),
        tables,
        addresses,
    };
    for (id, block) in graph.blocks.iter().enumerate() {
        let unit = &graph.units[block.unit];
        let mut bytes = unit.bytes(block.section).to_vec();
        for (r, place) in unit.relocations(block.section).iter().zip(&block.edges) {
            if apply(&mut bytes, id, r, place, &slots, &mut out.dynamic).is_none() {
                let name = unit.name_of(block.section).map_or_else(
                    || unit.sections[block.section].name.clone(),
                    |s| demangled(&s.name),
                );
                reasons.push(
                    Reason::new("relocation-out-of-range", name.clone(), format!("A reference at offset {} of `{name}` (psABI kind {}) does not reach its target from the patch.", r.offset, r.kind)),
                );
            }
        }
        if graph.kind(id) == Kind::Text {
            // int3: nobody runs what lies between functions.
            bytes.resize(bytes.len().next_multiple_of(ROOM as usize), 0xcc);
        }
        out.blocks.push(bytes);
    }
    for (stub, &import) in tables.stubs.iter().enumerate() {
        // jmp *slot(%rip): ff /4, mod 00 rm 101
        let mut bytes = vec![0xff, 0x25, 0, 0, 0, 0];
        let field = addresses
            .block(slots.first + stub)
            .and_then(|at| at.checked_add(2));
        let value = slots
            .slot(&Slot::Address(Place::Import(import)))
            .zip(field)
            .and_then(|(s, p)| i32::try_from(s - 4 - p).ok());
        if let Some(value) = value {
            bytes[2..].copy_from_slice(&value.to_le_bytes());
        }
        out.blocks.push(bytes);
    }
    for slot in &tables.slots {
        match fill(slot, &slots, &mut out.dynamic) {
            Some(bytes) => out.blocks.push(bytes.to_vec()),
            None => reasons.push(Reason::new(
                "relocation-out-of-range",
                "address slot",
                "A reference through an address slot does not reach its target from the patch.",
            )),
        }
    }
    if reasons.is_empty() {
        Ok(out)
    } else {
        Err(reasons)
    }
}

struct Slots<'t> {
    first: usize,
    tables: &'t Tables,
    addresses: &'t Addresses<'t>,
}

impl Slots<'_> {
    fn slot(&self, slot: &Slot) -> Option<i64> {
        let index = self.tables.slot_of(slot)?;
        self.addresses
            .block(self.first + self.tables.stubs.len() + index)
    }

    fn stub(&self, import: usize) -> Option<i64> {
        self.addresses
            .block(self.first + self.tables.stub_of(import)?)
    }
}

/// A slot's contents in the file, and the dynamic relocation that completes it; `None` when the address that it is to
/// hold is beyond 64 bits.
fn fill(slot: &Slot, slots: &Slots<'_>, dynamic: &mut Vec<DynamicRelocation>) -> Option<[u8; 8]> {
    let place = slots.slot(slot)? as u64;
    let addresses = slots.addresses;
    let (kind, import, addend) = match slot {
        Slot::Address(Place::Import(import)) | Slot::Personality(_, Place::Import(import)) => {
            (DynamicKind::GlobDat, Some(*import), 0)
        }
        Slot::Address(target) | Slot::Personality(_, target) => {
            (DynamicKind::Relative, None, addresses.of(target)?)
        }
        Slot::ThreadOffset(Place::ThreadBlock { block, offset }) => {
            let within = addresses.block(*block)?.checked_sub(addresses.tls as i64)?;
            (DynamicKind::TpOff64, None, within.checked_add(*offset)?)
        }
        Slot::ThreadOffset(target) => return Some(addresses.thread(target)?.to_le_bytes()),
    };
    dynamic.push(DynamicRelocation {
        place,
        kind,
        import,
        addend,
    });
    Some([0; 8])
}

/// One relocation; `None` when the value does not fit or the bytes are not the sequence that the ABI prescribes.
fn apply(
    bytes: &mut [u8],
    block: BlockId,
    r: &Relocation,
    place: &Place,
    slots: &Slots<'_>,
    dynamic: &mut Vec<DynamicRelocation>,
) -> Option<()> {
    if *place == Place::Nothing {
        return Some(());
    }
    let addresses = slots.addresses;
    let at = usize::try_from(r.offset).ok()?;
    let p = addresses.block(block)?.checked_add(at as i64)?;
    let relative = |s: i64| s.checked_add(r.addend)?.checked_sub(p);
    match form(r.kind)? {
        Form::None => {}
        Form::Absolute64 => {
            bytes.get(at..at.checked_add(8)?)?;
            let (kind, import, addend) = match place {
                Place::Import(import) => (DynamicKind::Abs64, Some(*import), r.addend),
                _ => (
                    DynamicKind::Relative,
                    None,
                    addresses.of(place)?.checked_add(r.addend)?,
                ),
            };
            dynamic.push(DynamicRelocation {
                place: p as u64,
                kind,
                import,
                addend,
            });
        }
        Form::Relative32 => put32(bytes, at, relative(target(place, slots)?)?)?,
        Form::Relative64 => put(bytes, at, &relative(target(place, slots)?)?.to_le_bytes())?,
        Form::SlotRelative32 => put32(
            bytes,
            at,
            relative(slots.slot(&Slot::Address(place.clone()))?)?,
        )?,
        Form::ThreadSlotRelative32 => put32(
            bytes,
            at,
            relative(slots.slot(&Slot::ThreadOffset(place.clone()))?)?,
        )?,
        Form::ThreadOffset32 => put32(bytes, at, addresses.thread(place)?.checked_add(r.addend)?)?,
        // The addend's -4 is for the field in the `lea` that goes away.
        Form::GeneralDynamic => general_dynamic(
            bytes,
            at,
            addresses
                .thread(place)?
                .checked_add(r.addend)?
                .checked_add(4)?,
        )?,
        Form::LocalDynamic => local_dynamic(bytes, at)?,
    }
    Some(())
}

fn target(place: &Place, slots: &Slots<'_>) -> Option<i64> {
    match place {
        Place::Import(import) => slots.stub(*import),
        _ => slots.addresses.of(place),
    }
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) -> Option<()> {
    bytes
        .get_mut(at..at.checked_add(value.len())?)?
        .copy_from_slice(value);
    Some(())
}

fn put32(bytes: &mut [u8], at: usize, value: i64) -> Option<()> {
    put(bytes, at, &i32::try_from(value).ok()?.to_le_bytes())
}

/// General dynamic to local exec (TLS 5.5, x86-64):
/// `data16 lea x@tlsgd(%rip),%rdi; data16 data16 rex.W call __tls_get_addr@PLT` (16 bytes, or `call *…@GOTPCREL(%rip)`)
/// becomes `mov %fs:0,%rax; lea x@tpoff(%rax),%rax`.
fn general_dynamic(bytes: &mut [u8], at: usize, offset: i64) -> Option<()> {
    let start = at.checked_sub(4)?;
    let sequence = bytes.get_mut(start..start.checked_add(16)?)?;
    let by_plt = sequence[8..12] == [0x66, 0x66, 0x48, 0xe8];
    let by_slot = sequence[8..12] == [0x66, 0x48, 0xff, 0x15];
    if sequence[..4] != [0x66, 0x48, 0x8d, 0x3d] || !(by_plt || by_slot) {
        return None;
    }
    sequence[..12].copy_from_slice(&[0x64, 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0, 0x48, 0x8d, 0x80]);
    sequence[12..].copy_from_slice(&i32::try_from(offset).ok()?.to_le_bytes());
    Some(())
}

/// Local dynamic to local exec: `lea x@tlsld(%rip),%rdi; call __tls_get_addr` becomes `mov %fs:0,%rax`, padded with
/// prefixes to the length of the sequence.
fn local_dynamic(bytes: &mut [u8], at: usize) -> Option<()> {
    const MOV: [u8; 9] = [0x64, 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0];
    let start = at.checked_sub(3)?;
    let length = match bytes.get(start + 7..start + 9)? {
        [0xe8, _] => 12,
        [0xff, 0x15] => 13,
        _ => return None,
    };
    let sequence = bytes.get_mut(start..start.checked_add(length)?)?;
    if sequence[..3] != [0x48, 0x8d, 0x3d] {
        return None;
    }
    let padding = length - MOV.len();
    sequence[..padding].fill(0x66);
    sequence[padding..].copy_from_slice(&MOV);
    Some(())
}
