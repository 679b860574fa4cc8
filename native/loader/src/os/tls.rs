//! Initial contents of new thread-locals: for threads to come, and for those that run.
use std::io;

use super::memory::{OpenPages, Protection, Range, Territory};
use super::{modules, remote};
use crate::arch;

/// Where the pool lies in the image from which the C library fills each new thread's static TLS: the loader's own
/// PT_TLS segment. It is part of RELRO, so it is read-only by now.
pub fn template() -> Option<Template> {
    let here = template as *const () as usize;
    let mut found = None;
    modules::for_each_loaded(|info| {
        let headers = modules::headers(info);
        let bias = info.dlpi_addr as usize;
        let is_this_module = headers.iter().any(|header| {
            let start = bias.wrapping_add(header.p_vaddr as usize);
            header.p_type == libc::PT_LOAD
                && (start..start.wrapping_add(header.p_memsz as usize)).contains(&here)
        });
        let tls = headers.iter().find(|header| header.p_type == libc::PT_TLS);
        if let (true, Some(tls)) = (is_this_module, tls) {
            found = in_segment(bias, tls, info.dlpi_tls_data as usize);
        }
    });
    found
}

#[derive(Debug, Clone, Copy)]
pub struct Template {
    start: usize,
    size: usize,
}

/// The pool in the segment `tls`, of which the calling thread's copy starts at `block`.
fn in_segment(bias: usize, tls: &libc::Elf64_Phdr, block: usize) -> Option<Template> {
    let pool = arch::thread_pointer().wrapping_add_signed(arch::pool_offset() as isize);
    let at = pool.checked_sub(block)?;
    let whole = at.checked_add(arch::POOL_SIZE)? <= tls.p_filesz as usize;
    let start = bias.wrapping_add(tls.p_vaddr as usize).wrapping_add(at);
    whole.then_some(Template {
        start,
        size: arch::POOL_SIZE,
    })
}

/// The template while it can be written. Read-only again when dropped.
pub struct OpenTemplate {
    pages: OpenPages,
    start: usize,
}

impl Template {
    /// Opens `size` bytes at `offset` of the pool.
    pub fn open(&self, offset: usize, size: usize) -> io::Result<OpenTemplate> {
        if offset.checked_add(size).is_none_or(|end| end > self.size) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let range = Range {
            start: self.start,
            end: self.start + self.size,
            protection: Protection::READ,
        };
        // SAFETY: the loader is never unloaded, and its TLS image is readable.
        let territory = unsafe { Territory::new(vec![range]) };
        let start = self.start + offset;
        Ok(OpenTemplate {
            pages: OpenPages::open(&territory, std::iter::once((start, size)))?,
            start,
        })
    }
}

impl OpenTemplate {
    /// Writes what threads to come start with; false when `image` is longer than what was opened. Does not allocate.
    pub fn write(&self, image: &[u8]) -> bool {
        let places = (self.start..).zip(image);
        places.fold(true, |whole, (at, byte)| {
            self.pages.store_byte(at, *byte) && whole
        })
    }
}

/// Where the thread pointers of other threads are, without stopping them: the kernel knows each thread's list of robust
/// futexes (get_robust_list(2)), whose head the C library keeps in the thread's descriptor, at one fixed distance from
/// the thread pointer.
#[derive(Debug, Clone, Copy)]
pub struct ThreadPointers {
    head_offset: isize,
}

impl ThreadPointers {
    /// Measures that distance on the calling thread.
    pub fn calibrate() -> Option<Self> {
        let head = robust_list(0)?;
        let head_offset = head.wrapping_sub(arch::thread_pointer()) as isize;
        // A descriptor is about 2.3 KB (glibc 2.36); something far away is no part of it.
        (head_offset.unsigned_abs() < 1 << 14).then_some(Self { head_offset })
    }

    /// Writes `image` at `offset` of the pool of thread `tid`. False when the thread has no descriptor (yet, or no
    /// more), or is none of the C library's.
    pub fn write(&self, tid: i32, offset: usize, image: &[u8]) -> bool {
        let Some(head) = robust_list(tid) else {
            return false;
        };
        let pointer = head.wrapping_add_signed(-self.head_offset);
        // The word at the thread pointer points to itself; anything else is not a thread of the C library.
        let mut own = [0u8; 8];
        if remote::read(pointer, &mut own) != own.len() || usize::from_le_bytes(own) != pointer {
            return false;
        }
        let pool = pointer.wrapping_add_signed(arch::pool_offset() as isize);
        remote::write(pool.wrapping_add(offset), image)
    }
}

fn robust_list(tid: i32) -> Option<usize> {
    let mut head: usize = 0;
    let mut length: usize = 0;
    // SAFETY: there is room for both answers.
    let result = unsafe { libc::syscall(libc::SYS_get_robust_list, tid, &mut head, &mut length) };
    (result == 0 && head != 0).then_some(head)
}
