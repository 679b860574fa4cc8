//! The patches by the slots of the window that they take. Read without a lock, in signal handlers and in the middle of
//! unwinding; written by the loader's thread alone.
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::modules::FrameTable;
use super::slots::{SLOT, SLOTS};

/// What is told of one patch, kept at its first slot.
pub struct Module {
    /// Number of slots; 0 where no patch begins.
    slots: AtomicUsize,
    contents: UnsafeCell<Contents>,
}

#[derive(Clone, Copy)]
struct Contents {
    start: usize,
    size: usize,
    frame_table: usize,
    headers: [libc::Elf64_Phdr; 2],
    count: usize,
}

// SAFETY: the contents are written by one thread, before the number of slots is, and read by others after it was.
unsafe impl Sync for Module {}

const NO_HEADER: libc::Elf64_Phdr = libc::Elf64_Phdr {
    p_type: libc::PT_LOAD,
    p_flags: libc::PF_R | libc::PF_X,
    p_offset: 0,
    p_vaddr: 0,
    p_paddr: 0,
    p_filesz: SLOT as u64,
    p_memsz: SLOT as u64,
    p_align: super::memory::PAGE as u64,
};

/// What is told of a slot without a patch.
static EMPTY: [libc::Elf64_Phdr; 1] = [NO_HEADER];

/// All zeros, so that it takes no memory before a slot is used.
static MODULES: [Module; SLOTS] = [const {
    Module {
        slots: AtomicUsize::new(0),
        contents: UnsafeCell::new(Contents {
            start: 0,
            size: 0,
            frame_table: 0,
            // SAFETY: all zero bits are a valid header.
            headers: unsafe { std::mem::zeroed() },
            count: 0,
        }),
    }
}; SLOTS];

/// The first slot of the patch that a slot belongs to, plus one; 0 without a patch.
static OWNERS: [AtomicUsize; SLOTS] = [const { AtomicUsize::new(0) }; SLOTS];

/// Notes a patch. None when it reaches beyond the window. Nobody else notes one in these slots: they are claimed.
pub fn set(
    slot: usize,
    start: usize,
    size: usize,
    frame_table: Option<FrameTable>,
) -> Option<&'static Module> {
    let slots = size.div_ceil(SLOT);
    let module = MODULES.get(slot)?;
    let owners = OWNERS.get(slot..slot.checked_add(slots)?)?;
    let mut load = NO_HEADER;
    (load.p_filesz, load.p_memsz) = (size as u64, size as u64);
    let mut frames = NO_HEADER;
    if let Some(table) = frame_table {
        frames.p_type = libc::PT_GNU_EH_FRAME;
        frames.p_flags = libc::PF_R;
        frames.p_vaddr = table.address.wrapping_sub(start) as u64;
        frames.p_offset = frames.p_vaddr;
        (frames.p_filesz, frames.p_memsz) = (table.size as u64, table.size as u64);
    }
    // SAFETY: the slot is claimed, so no other patch is noted here; readers look only once `slots` is set below.
    unsafe {
        *module.contents.get() = Contents {
            start,
            size,
            frame_table: frame_table.map_or(0, |table| table.address),
            headers: [load, frames],
            count: 1 + usize::from(frame_table.is_some()),
        };
    }
    module.slots.store(slots, Ordering::SeqCst);
    for owner in owners {
        owner.store(slot + 1, Ordering::SeqCst);
    }
    Some(module)
}

/// The patch that holds `pc`, which lies in `slot`.
pub fn holder(slot: usize, pc: usize) -> Option<&'static Module> {
    let owner = OWNERS.get(slot)?.load(Ordering::SeqCst).checked_sub(1)?;
    let module = MODULES.get(owner)?;
    module
        .contents()
        .filter(|contents| (contents.start..contents.start + contents.size).contains(&pc))?;
    Some(module)
}

/// The program headers of the patch that begins in `slot`, and how many slots it takes: none without one.
pub fn headers(slot: usize) -> (&'static [libc::Elf64_Phdr], usize) {
    let module = MODULES.get(slot);
    match module.and_then(|module| Some((module, module.contents()?))) {
        Some((module, contents)) => (
            contents.headers.get(..contents.count).unwrap_or(&EMPTY),
            module.slots.load(Ordering::SeqCst),
        ),
        None => (&EMPTY, 0),
    }
}

impl Module {
    fn contents(&'static self) -> Option<&'static Contents> {
        if self.slots.load(Ordering::SeqCst) == 0 {
            return None;
        }
        // SAFETY: written before `slots` was. It is written again only for another patch in this place, after this one
        // was given up before any of its code ran, so nobody looks for it any more.
        Some(unsafe { &*self.contents.get() })
    }

    /// Start and end of the patch, and its `.eh_frame_hdr` when it has one.
    pub fn place(&'static self) -> Option<(usize, usize, Option<usize>)> {
        let contents = self.contents()?;
        let table = Some(contents.frame_table).filter(|table| *table != 0);
        Some((contents.start, contents.start + contents.size, table))
    }

    /// The patch is given up. Its slots can be taken by another.
    pub fn clear(&'static self) {
        let slots = self.slots.swap(0, Ordering::SeqCst);
        let this = std::ptr::from_ref(self) as usize;
        let first = (this - MODULES.as_ptr() as usize) / size_of::<Module>();
        for owner in OWNERS.iter().skip(first).take(slots) {
            owner.store(0, Ordering::SeqCst);
        }
    }
}
