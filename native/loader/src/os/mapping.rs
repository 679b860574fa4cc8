//! The window for patches, and the memory of each patch in it.
use std::io;

use super::memory::{protect, Protection, Range, PAGE};
use super::parking::ParkingFile;
use super::slots;

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

/// A mapping that is never given back.
#[derive(Debug, Clone)]
pub struct KeptMapping {
    pub start: usize,
    pub end: usize,
    segments: Vec<Range>,
}

impl KeptMapping {
    pub fn segments(&self) -> &[Range] {
        &self.segments
    }

    /// Size of the segments that nobody can write to.
    pub fn constant_bytes(&self) -> u64 {
        self.constant()
            .map(|range| (range.end - range.start) as u64)
            .sum()
    }

    fn constant(&self) -> impl Iterator<Item = &Range> {
        self.segments
            .iter()
            .filter(|range| !range.protection.is_writable())
    }

    /// Moves what nobody can write to into `file`, at its offset in `window`, and maps it from there. The memory is free
    /// from then on; who reads it or runs in it notices nothing, for the kernel replaces a mapping under its lock
    /// (mmap(2), MAP_FIXED), and who accesses it meanwhile waits for that lock.
    ///
    /// On an error the segments are as they were, or from the file, where they have the same contents.
    pub fn park(&self, window: &Window, file: &ParkingFile) -> io::Result<()> {
        for range in self.constant() {
            let offset = range.start - window.start;
            // SAFETY: mapped and readable for the life of the process; nobody writes to it: no thread of the program by
            // its protection, and the loader's thread is the one that is here.
            let contents = unsafe {
                std::slice::from_raw_parts(range.start as *const u8, range.end - range.start)
            };
            file.write(contents, offset)?;
        }
        for range in self.constant() {
            let (size, offset) = (range.end - range.start, range.start - window.start);
            // SAFETY: same range, same contents, same protection. What can fail without a trace of the old mapping left
            // is the kernel's want of memory for its own lists, which ends processes anyway.
            unsafe { file.map_over(range.start, size, range.protection, offset)? };
        }
        Ok(())
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

    pub fn size(&self) -> usize {
        self.size
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

    /// Keeps the memory for the life of the process.
    pub fn keep(mut self) -> KeptMapping {
        let segments = std::mem::take(&mut self.protections);
        self.slots.keep();
        let (start, end) = (self.start, self.start + self.size);
        std::mem::forget(self);
        KeptMapping {
            start,
            end,
            segments,
        }
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
