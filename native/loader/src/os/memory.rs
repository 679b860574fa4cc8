//! Memory: what is mapped where, the window for patches, and changing bytes of a running program.
use std::io;
use std::sync::atomic::{AtomicU64, AtomicU8, Ordering};

use super::slots;

pub const PAGE: usize = 4096;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protection(i32);

impl Protection {
    pub const READ: Self = Self(libc::PROT_READ);

    /// From a program header's `p_flags`.
    pub fn of_segment(flags: u32) -> Self {
        let pairs = [
            (libc::PF_R, libc::PROT_READ),
            (libc::PF_W, libc::PROT_WRITE),
            (libc::PF_X, libc::PROT_EXEC),
        ];
        Self(
            pairs
                .iter()
                .filter(|(flag, _)| flags & flag != 0)
                .fold(0, |bits, (_, bit)| bits | bit),
        )
    }

    pub fn is_executable(self) -> bool {
        self.0 & libc::PROT_EXEC != 0
    }

    fn writable(self) -> Self {
        Self(self.0 | libc::PROT_READ | libc::PROT_WRITE)
    }
}

/// Absolute addresses, `end` excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    pub start: usize,
    pub end: usize,
    pub protection: Protection,
}

impl Range {
    pub fn contains(&self, address: usize, length: usize) -> bool {
        self.start <= address
            && address
                .checked_add(length)
                .is_some_and(|end| end <= self.end)
    }

    /// `ranges` with the part from `start` to `end` read-only: what the dynamic linker does with RELRO, which it rounds
    /// down to whole pages at both ends.
    pub fn split_read_only(ranges: &[Self], start: usize, end: usize) -> Vec<Self> {
        let (start, end) = (start & !(PAGE - 1), end & !(PAGE - 1));
        let mut split = Vec::new();
        for range in ranges {
            let (low, high) = (
                start.clamp(range.start, range.end),
                end.clamp(range.start, range.end),
            );
            let parts = [
                Self { end: low, ..*range },
                Self {
                    start: low,
                    end: high.max(low),
                    protection: Protection::READ,
                },
                Self {
                    start: high.max(low),
                    ..*range
                },
            ];
            split.extend(parts.into_iter().filter(|part| part.start < part.end));
        }
        split
    }
}

/// Memory that stays mapped as long as the process lives: the host's segments and the patches' segments.
///
/// Only [`crate::os`] can make a range part of it, so reading inside of it is safe.
#[derive(Debug, Clone, Default)]
pub struct Territory(Vec<Range>);

impl Territory {
    /// # Safety
    /// Every range is mapped, readable, and stays so for the life of the process.
    pub unsafe fn new(ranges: Vec<Range>) -> Self {
        Self(ranges)
    }

    /// The program's own segments and every patch that was kept.
    pub fn of_process(
        host: &super::host::Host,
        patches: impl IntoIterator<Item = KeptMapping>,
    ) -> Self {
        let mut ranges = host.segments.clone();
        ranges.extend(patches.into_iter().flat_map(|patch| patch.0));
        // The host comes from the dynamic linker and is never unmapped; a KeptMapping is made by `Mapping::keep` alone.
        Self(ranges)
    }

    /// The range that holds all `length` bytes at `address`.
    pub fn range(&self, address: usize, length: usize) -> Option<&Range> {
        self.0.iter().find(|range| range.contains(address, length))
    }

    /// Fills `into` with the bytes at `address`; false when they are not all part of the territory.
    pub fn read(&self, address: usize, into: &mut [u8]) -> bool {
        if self.range(address, into.len()).is_none() {
            return false;
        }
        for (at, byte) in into.iter_mut().enumerate() {
            // SAFETY: mapped and readable by this type's invariant; atomic because the program may write data there.
            *byte =
                unsafe { AtomicU8::from_ptr((address + at) as *mut u8) }.load(Ordering::Relaxed);
        }
        true
    }
}

/// Pages of the territory that can be written for the moment. Closed again, with the protection that they had, when
/// dropped.
pub struct OpenPages(Vec<Range>);

impl OpenPages {
    /// Opens the pages that hold `places` (address, length). Fails without effect when the system forbids memory that
    /// is writable and executable, or a place is not in the territory.
    pub fn open(
        territory: &Territory,
        places: impl Iterator<Item = (usize, usize)>,
    ) -> io::Result<Self> {
        let mut pages = Vec::new();
        for (address, length) in places {
            let range = territory
                .range(address, length)
                .ok_or(io::ErrorKind::InvalidInput)?;
            for page in (address / PAGE)..(address + length).div_ceil(PAGE) {
                pages.push((page * PAGE, range.protection));
            }
        }
        pages.sort_by_key(|page| page.0);
        pages.dedup_by_key(|page| page.0);
        let mut open = Self(Vec::with_capacity(pages.len()));
        for run in pages.chunk_by(|a, b| a.0 + PAGE == b.0 && a.1 == b.1) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else {
                continue;
            };
            let range = Range {
                start: first.0,
                end: last.0 + PAGE,
                protection: first.1,
            };
            protect(
                range.start,
                range.end - range.start,
                range.protection.writable(),
            )?;
            open.0.push(range);
        }
        Ok(open)
    }

    /// Stores one byte; false when the place is not open.
    pub fn store_byte(&self, address: usize, value: u8) -> bool {
        let open = self.holds(address, 1);
        if open {
            // SAFETY: mapped (territory) and writable (opened above). Other threads may execute or read it: a single
            // byte cannot tear.
            unsafe { AtomicU8::from_ptr(address as *mut u8) }.store(value, Ordering::SeqCst);
        }
        open
    }

    /// Stores `bytes` within one aligned 8-byte word in one store, as far as the rest of the word stays as it is.
    /// False when the place is not open or crosses a word's border.
    pub fn store_in_word(&self, address: usize, bytes: &[u8]) -> bool {
        let (word, at) = (address & !7, address & 7);
        if at + bytes.len() > 8 || !self.holds(word, 8) {
            return false;
        }
        // SAFETY: as in `store_byte`, and aligned.
        let word = unsafe { AtomicU64::from_ptr(word as *mut u64) };
        let update = |before: u64| {
            let mut after = before.to_le_bytes();
            after
                .iter_mut()
                .skip(at)
                .zip(bytes)
                .for_each(|(to, from)| *to = *from);
            Some(u64::from_le_bytes(after))
        };
        word.fetch_update(Ordering::SeqCst, Ordering::SeqCst, update)
            .is_ok()
    }

    fn holds(&self, address: usize, length: usize) -> bool {
        self.0.iter().any(|range| range.contains(address, length))
    }
}

impl Drop for OpenPages {
    fn drop(&mut self) {
        for range in &self.0 {
            // Joining pages that were one mapping before cannot fail for want of memory; were it to fail, the program
            // would run on with pages that are too permissive.
            let _ = protect(range.start, range.end - range.start, range.protection);
        }
    }
}

/// An address range reserved for patches: no access, no memory.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    pub start: usize,
    pub size: usize,
}

impl Window {
    /// Reserves the first of `candidates` that is free.
    pub fn reserve(candidates: impl IntoIterator<Item = usize>, size: usize) -> Option<Self> {
        let flags = libc::MAP_PRIVATE
            | libc::MAP_ANONYMOUS
            | libc::MAP_NORESERVE
            | libc::MAP_FIXED_NOREPLACE;
        candidates.into_iter().find_map(|start| {
            // SAFETY: NOREPLACE never takes away an existing mapping.
            let got = unsafe {
                libc::mmap(
                    start as *mut libc::c_void,
                    size,
                    libc::PROT_NONE,
                    flags,
                    -1,
                    0,
                )
            };
            if got == libc::MAP_FAILED {
                return None;
            }
            if got as usize == start {
                return Some(Self { start, size });
            }
            // Kernels before 4.17 take the address as a hint only.
            // SAFETY: made above, used by nobody.
            unsafe { libc::munmap(got, size) };
            None
        })
    }

    pub fn contains(&self, start: usize, size: usize) -> bool {
        self.start <= start
            && start
                .checked_add(size)
                .is_some_and(|end| end <= self.start + self.size)
    }
}

/// Memory for one patch inside the window. Given back to the reservation when dropped.
pub struct Mapping {
    start: usize,
    size: usize,
    protections: Vec<Range>,
    slots: slots::Claim,
}

/// The segments of a mapping that is never given back.
#[derive(Debug, Clone)]
pub struct KeptMapping(Vec<Range>);

impl KeptMapping {
    pub fn segments(&self) -> &[Range] {
        &self.0
    }
}

impl Mapping {
    /// Maps writable zeros. `start` and `size` are whole pages inside the window, in slots that no other mapping is in.
    pub fn new(window: &Window, start: usize, size: usize) -> io::Result<Self> {
        if !window.contains(start, size)
            || !start.is_multiple_of(PAGE)
            || !size.is_multiple_of(PAGE)
            || size == 0
        {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let slots = slots::claim(start - window.start, size)?;
        // SAFETY: replaces a part of our own reservation that nothing else uses: its slots are claimed.
        unsafe { map_fixed(start, size, libc::PROT_READ | libc::PROT_WRITE)? };
        Ok(Self {
            start,
            size,
            protections: Vec::new(),
            slots,
        })
    }

    pub fn start(&self) -> usize {
        self.start
    }

    /// The patch's bytes, as long as no protection was set.
    pub fn bytes_mut(&mut self) -> Option<&mut [u8]> {
        if !self.protections.is_empty() {
            return None;
        }
        // SAFETY: mapped and writable by `new`, known to nobody else yet, and borrowed as long as the slice lives.
        Some(unsafe { std::slice::from_raw_parts_mut(self.start as *mut u8, self.size) })
    }

    /// Sets a segment's final protection, on all pages that it touches. `at` is relative to the mapping.
    pub fn protect(&mut self, at: usize, size: usize, protection: Protection) -> io::Result<()> {
        let at_page = at & !(PAGE - 1);
        let size = (at - at_page + size).next_multiple_of(PAGE);
        let start = self.start.checked_add(at_page);
        let start = start.ok_or(io::ErrorKind::InvalidInput)?;
        let whole = Range {
            start: self.start,
            end: self.start + self.size,
            protection,
        };
        if !whole.contains(start, size) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        protect(start, size, protection)?;
        self.protections.push(Range {
            start,
            end: start + size,
            protection,
        });
        Ok(())
    }

    pub fn segments(&self) -> &[Range] {
        &self.protections
    }

    /// Keeps the memory for the life of the process. What no segment covers loses its access.
    pub fn keep(mut self) -> KeptMapping {
        let protections = std::mem::take(&mut self.protections);
        self.slots.keep();
        std::mem::forget(self);
        KeptMapping(protections)
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: our own mapping, which nobody refers to any more; its slots are given up after this.
        let _ = unsafe { map_fixed(self.start, self.size, libc::PROT_NONE) };
    }
}

/// # Safety
/// The range is part of the window's reservation, and nobody relies on its contents.
unsafe fn map_fixed(start: usize, size: usize, protection: i32) -> io::Result<()> {
    let reserve = if protection == libc::PROT_NONE {
        libc::MAP_NORESERVE
    } else {
        0
    };
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED | reserve;
    // SAFETY: the caller's promise.
    let got = unsafe { libc::mmap(start as *mut libc::c_void, size, protection, flags, -1, 0) };
    if got == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Private: callers guarantee that the range is theirs to change.
fn protect(start: usize, size: usize, protection: Protection) -> io::Result<()> {
    // SAFETY: never takes read access away from memory that is in use, and only ranges of the territory, of a mapping
    // of ours or of the loader's TLS image come here.
    if unsafe { libc::mprotect(start as *mut libc::c_void, size, protection.0) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
