//! Names and unwind tables, as the dynamic linker and the unwinder know them.
use std::ffi::{c_char, c_void, CStr, CString};
use std::sync::OnceLock;

use super::memory::Mapping;
use crate::image::frames::Frames;

/// The address of `name` in the program's global scope: the program, then its libraries in load order. None when no
/// one defines it.
pub fn find(name: &[u8]) -> Option<usize> {
    let name = CString::new(name).ok()?;
    // A symbol's value may be zero, so only dlerror tells; but no function or datum lies at address zero.
    // SAFETY: a valid C string.
    let address = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    (!address.is_null()).then_some(address as usize)
}

/// The C library's own definition of a function that this library defines as well.
pub fn of_c_library(name: &CStr) -> Option<*mut c_void> {
    let flags = libc::RTLD_LAZY | libc::RTLD_NOLOAD;
    // RTLD_NEXT is the usual way, but finds only what comes after this library in the program's link order.
    // SAFETY: valid C strings. The handle is one that the program holds anyway, and is not closed.
    let address = unsafe {
        let next = libc::dlsym(libc::RTLD_NEXT, name.as_ptr());
        if next.is_null() {
            let library = libc::dlopen(c"libc.so.6".as_ptr(), flags);
            if library.is_null() {
                library
            } else {
                libc::dlsym(library, name.as_ptr())
            }
        } else {
            next
        }
    };
    (!address.is_null()).then_some(address)
}

type Register = unsafe extern "C" fn(*const c_char);

fn registrars() -> Option<(Register, Register)> {
    static FOUND: OnceLock<Option<(Register, Register)>> = OnceLock::new();
    *FOUND.get_or_init(|| {
        let register = find(b"__register_frame")?;
        let deregister = find(b"__deregister_frame")?;
        // SAFETY: libgcc's unwind-dw2-fde.c (and LLVM's libunwind) define both as `void (const void *)`.
        unsafe {
            Some((
                std::mem::transmute::<usize, Register>(register),
                std::mem::transmute::<usize, Register>(deregister),
            ))
        }
    })
}

/// Unwind tables that the unwinder knows until this is dropped.
pub struct RegisteredFrames {
    eh_frame: usize,
}

impl RegisteredFrames {
    /// Tells the unwinder of the tables of the patch in `mapping`. None when the program has no unwinder that takes
    /// tables. Drop it before the mapping.
    pub fn register(frames: &Frames, mapping: &Mapping) -> Option<Self> {
        let (register, _) = registrars()?;
        let eh_frame = mapping.start() + frames.address();
        // SAFETY: `Frames` are well-formed and ended by a zero length, and lie in the mapping's read-only part; the
        // owner keeps or drops this value before the mapping.
        unsafe { register(eh_frame as *const c_char) };
        Some(Self { eh_frame })
    }

    /// Keeps them for the life of the process.
    pub fn keep(self) {
        std::mem::forget(self);
    }
}

impl Drop for RegisteredFrames {
    fn drop(&mut self) {
        if let Some((_, deregister)) = registrars() {
            // SAFETY: registered by `register` and not deregistered since.
            unsafe { deregister(self.eh_frame as *const c_char) };
        }
    }
}
