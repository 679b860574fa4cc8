//! The file names of the window's slots, as dl_iterate_phdr(3) gives them: C strings that stay.
use std::ffi::{c_char, CString};
use std::io::Write;
use std::sync::atomic::{AtomicPtr, Ordering};

use super::slots::SLOTS;

/// `prefix`, the slot's number, `.so`. Made when they are asked for first, since few programs ever do, and without a
/// lock or the allocator: a program may ask in the middle of either.
pub struct Names {
    prefix: CString,
    stride: usize,
    made: AtomicPtr<u8>,
}

/// Digits of the number, `.so` and the zero at the end.
const ENDING: usize = 4 + 3 + 1;
const _: () = assert!(SLOTS <= 10_000);

impl Names {
    pub fn new(prefix: String) -> Self {
        let prefix = CString::new(prefix).unwrap_or_default();
        Self {
            stride: prefix.as_bytes().len() + ENDING,
            prefix,
            made: AtomicPtr::new(std::ptr::null_mut()),
        }
    }

    /// The name of a slot below [`SLOTS`]; without memory, the empty name.
    pub fn of(&self, slot: usize) -> *const c_char {
        let made = self.made.load(Ordering::Acquire);
        let made = if made.is_null() { self.make() } else { made };
        if made.is_null() || slot >= SLOTS {
            return c"".as_ptr();
        }
        made.wrapping_add(slot * self.stride).cast()
    }

    /// Two threads can make them at once: the first stays.
    fn make(&self) -> *mut u8 {
        let size = SLOTS * self.stride;
        let (protection, flags) = (
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
        );
        // SAFETY: a new mapping, used by nobody else.
        let memory = unsafe { libc::mmap(std::ptr::null_mut(), size, protection, flags, -1, 0) };
        if memory == libc::MAP_FAILED {
            return std::ptr::null_mut();
        }
        let memory: *mut u8 = memory.cast();
        // SAFETY: just mapped, `size` bytes, zero.
        let bytes = unsafe { std::slice::from_raw_parts_mut(memory, size) };
        for (slot, mut name) in bytes.chunks_exact_mut(self.stride).enumerate() {
            // There is room: the zero at the end remains.
            let _ = name.write_all(self.prefix.as_bytes());
            let _ = write!(name, "{slot}.so");
        }
        let nobody = std::ptr::null_mut();
        let set = self
            .made
            .compare_exchange(nobody, memory, Ordering::AcqRel, Ordering::Acquire);
        set.map_or_else(
            |first| {
                // SAFETY: mapped above, known to nobody.
                unsafe { libc::munmap(memory.cast(), size) };
                first
            },
            |_| memory,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    #[test]
    fn every_slot_has_a_name_of_its_own() {
        let names = Names::new("/folder/patch-1-".into());
        // SAFETY: C strings that live as long as the process.
        let name = |slot| unsafe { CStr::from_ptr(names.of(slot)) }.to_str().unwrap();
        assert_eq!(name(0), "/folder/patch-1-0.so");
        assert_eq!(name(17), "/folder/patch-1-17.so");
        assert_eq!(name(SLOTS - 1), format!("/folder/patch-1-{}.so", SLOTS - 1));
        assert_eq!(name(SLOTS), "");
    }
}
