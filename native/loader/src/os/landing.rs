//! Landings: where the jump at a replaced entry leads first.
//!
//! A debugger writes its breakpoint, `int3` (cc), where the line table says that an instruction begins. In a replaced
//! function that can be the middle of our jump, whose displacement would then lead astray: `break app::hello` in gdb ends
//! the program. So all four bytes of the displacement are `int3` from the start, and a breakpoint changes nothing:
//!
//! ```text
//! entry:    e9 cc cc cc cc               jmp entry + 5 - 0x33333334
//! landing:  ff 25 01 00 00 00 cc         jmp *slot(%rip)
//! slot:     the address of the new code
//! ```
//!
//! Each entry has the landing at that distance for itself. Entries are aligned to 16 bytes, so a landing and its slot
//! have 16 bytes of room; an entry that is not, or whose landing's page is taken, gets an ordinary jump. A page is made
//! whole, each slot with the address of its own entry, so that leading an entry elsewhere is a store to its slot.
use std::os::fd::AsRawFd;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use super::files;
use super::memory::{Protection, Range, Territory, PAGE};
use crate::arch::JUMP;

/// The jump to a landing.
pub const TO_LANDING: [u8; JUMP] = [0xe9, 0xcc, 0xcc, 0xcc, 0xcc];

/// What the displacement takes an entry to, less the one byte that the landing stands behind the start of its cell.
const BELOW: usize = 0x3333_3330;
const CELL: usize = 16;
const SLOT: usize = 8;

/// `int3`, `jmp *1(%rip)`, `int3`: the cell up to its slot.
const CODE: [u8; SLOT] = [0xcc, 0xff, 0x25, 1, 0, 0, 0, 0xcc];

const _: () = assert!(BELOW + JUMP == 0x3333_3334 + 1 && BELOW.is_multiple_of(CELL));

/// The pages of landings of this process.
#[derive(Debug, Default)]
pub struct Landings(Vec<Range>);

impl Landings {
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Address of the slot of `entry`, made ready if it is not.
    pub fn slot(&mut self, entry: usize) -> Option<usize> {
        let slot = slot(entry)?;
        let page = slot & !(PAGE - 1);
        if self.holding(slot).is_none() {
            self.0.push(make(page)?);
        }
        Some(slot)
    }

    /// Where `entry` leads by its landing, if it does.
    pub fn target(&self, entry: usize) -> Option<usize> {
        let slot = slot(entry)?;
        self.holding(slot)?;
        // SAFETY: an aligned word of a page that stays mapped.
        let target = unsafe { AtomicU64::from_ptr(slot as *mut u64) }.load(Ordering::SeqCst);
        (target != entry as u64).then_some(target as usize)
    }

    /// Moves the landings of the entries from `start` to `end`, of a patch that is parked, out of memory: to files without
    /// names in `folder`, from which they are mapped as they are. Where that fails they stay.
    pub fn park(&self, start: usize, end: usize, folder: &Path) {
        let (start, end) = (start.saturating_sub(BELOW), end.saturating_sub(BELOW));
        let pages = self.0.iter();
        for page in pages.filter(|page| page.start < end && start < page.end) {
            // SAFETY: one of our pages, which stay mapped and readable; nobody writes to it meanwhile, because that
            // takes `&mut self` or a transaction under the same lock.
            let bytes = unsafe { std::slice::from_raw_parts(page.start as *const u8, PAGE) };
            let Ok(file) = files::unlinked(bytes, folder) else {
                return;
            };
            let flags = libc::MAP_PRIVATE | libc::MAP_FIXED;
            let executable = libc::PROT_READ | libc::PROT_EXEC;
            let address = page.start as *mut libc::c_void;
            // SAFETY: our own page, in one step replaced by the same bytes.
            unsafe { libc::mmap(address, PAGE, executable, flags, file.as_raw_fd(), 0) };
        }
    }

    /// Where they lie. A cell that is not in use holds the address of its own entry.
    pub fn pages(&self) -> &[Range] {
        &self.0
    }

    fn holding(&self, slot: usize) -> Option<&Range> {
        self.0.iter().find(|page| page.contains(slot, 8))
    }
}

impl Territory {
    /// With the landings, which stay mapped like the program.
    pub fn with_landings(mut self, landings: &Landings) -> Self {
        self.0.extend_from_slice(&landings.0);
        self
    }
}

fn slot(entry: usize) -> Option<usize> {
    let cell = entry.is_multiple_of(CELL).then_some(entry)?;
    Some(cell.checked_sub(BELOW)? + SLOT)
}

/// A page of landings that lead back to their entries.
fn make(page: usize) -> Option<Range> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED_NOREPLACE;
    let writable = libc::PROT_READ | libc::PROT_WRITE;
    let address = page as *mut libc::c_void;
    // SAFETY: NOREPLACE never takes away an existing mapping.
    let got = unsafe { libc::mmap(address, PAGE, writable, flags, -1, 0) };
    if got == libc::MAP_FAILED {
        return None;
    }
    let give_back = || {
        // SAFETY: made above, used by nobody.
        unsafe { libc::munmap(got, PAGE) };
    };
    if got != address {
        // Kernels before 4.17 take the address as a hint only.
        give_back();
        return None;
    }
    // SAFETY: mapped writable above, known to nobody else.
    let bytes = unsafe { std::slice::from_raw_parts_mut(address.cast::<u8>(), PAGE) };
    for (cell, room) in (page..).step_by(CELL).zip(bytes.chunks_exact_mut(CELL)) {
        let (code, slot) = room.split_at_mut(SLOT);
        code.copy_from_slice(&CODE);
        slot.copy_from_slice(&(cell + BELOW).to_le_bytes());
    }
    let executable = libc::PROT_READ | libc::PROT_EXEC;
    // SAFETY: our own page.
    if unsafe { libc::mprotect(address, PAGE, executable) } != 0 {
        give_back();
        return None;
    }
    Some(Range {
        start: page,
        end: page + PAGE,
        protection: Protection::of_segment(libc::PF_R | libc::PF_X),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_landing_leads_back_to_its_entry_until_its_slot_says_otherwise() {
        let mut landings = Landings::none();
        // An address that nothing has, with its landing 819 MiB below.
        let entry = 0x2000_4000_0010;
        assert_eq!(landings.target(entry), None);
        let slot = landings.slot(entry).unwrap();
        assert_eq!(landings.slot(entry), Some(slot));
        assert_eq!(landings.0.len(), 1, "one page for both");
        assert_eq!(landings.target(entry), None);
        let [_, displacement @ ..] = TO_LANDING;
        let landing = (entry + JUMP).wrapping_add_signed(i32::from_le_bytes(displacement) as isize);
        // SAFETY: a readable page of ours.
        let code = unsafe { std::slice::from_raw_parts(landing as *const u8, 6) };
        assert_eq!(code, [0xff, 0x25, 1, 0, 0, 0]);
        assert_eq!(
            landing + 6 + 1,
            slot,
            "what its displacement of 1 refers to"
        );
        // SAFETY: as above.
        assert_eq!(unsafe { *(slot as *const u64) }, entry as u64);
        landings.park(entry, entry + 16, &std::env::temp_dir());
        assert_eq!(code, [0xff, 0x25, 1, 0, 0, 0], "as it was");
    }

    #[test]
    fn an_entry_without_room_for_a_landing_has_none() {
        let mut landings = Landings::none();
        assert_eq!(landings.slot(0x2000_5000_0008), None, "not aligned");
        assert_eq!(landings.slot(0x40_0000), None, "nothing lies below zero");
        let taken = landings.slot(0x2000_6000_0000).unwrap();
        assert_eq!(
            Landings::none().slot(0x2000_6000_0000),
            None,
            "taken: {taken:#x}"
        );
    }
}
