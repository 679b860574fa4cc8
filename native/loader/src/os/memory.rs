//! Memory: what is mapped where, and changing bytes of a running program.
use std::io;
use std::sync::atomic::{AtomicU64, AtomicU8, Ordering};

use super::mapping::KeptMapping;

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

    pub fn is_writable(self) -> bool {
        self.0 & libc::PROT_WRITE != 0
    }

    pub(super) fn bits(self) -> i32 {
        self.0
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
pub struct Territory(pub(super) Vec<Range>);

impl Territory {
    /// # Safety
    /// Every range is mapped, readable, and stays so for the life of the process.
    pub unsafe fn new(ranges: Vec<Range>) -> Self {
        Self(ranges)
    }

    /// The program's own segments and every patch that was kept.
    pub fn of_process<'a>(
        host: &super::host::Host,
        patches: impl IntoIterator<Item = &'a KeptMapping>,
    ) -> Self {
        let mut ranges = host.segments.clone();
        ranges.extend(
            patches
                .into_iter()
                .flat_map(|patch| patch.segments().to_vec()),
        );
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

    /// Start and end of what cannot be written to otherwise.
    pub fn constants(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let constant = self
            .0
            .iter()
            .filter(|range| !range.protection.is_writable());
        constant.map(|range| (range.start, range.end))
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

/// Private: callers guarantee that the range is theirs to change.
pub(super) fn protect(start: usize, size: usize, protection: Protection) -> io::Result<()> {
    // SAFETY: never takes read access away from memory that is in use, and only ranges of the territory, of a mapping
    // of ours or of the loader's TLS image come here.
    if unsafe { libc::mprotect(start as *mut libc::c_void, size, protection.0) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
